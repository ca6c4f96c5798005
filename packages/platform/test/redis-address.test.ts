import { expect, test } from "vitest";
import { parseRedisAddress } from "../src/redis-address.ts";

test("keeps the URL of a single Redis unchanged", () => {
  expect(parseRedisAddress("rediss://user:p%40ss@cache.example.com:6380/1")).toEqual({
    kind: "single",
    url: "rediss://user:p%40ss@cache.example.com:6380/1",
  });
});

test("parses Clusters and Sentinels with several nodes, credentials and TLS", () => {
  expect(parseRedisAddress("rediss-cluster://bus:p%40ss@a.example.com:7001,b.example.com,[::1]:7003")).toEqual({
    kind: "cluster",
    nodes: [
      { host: "a.example.com", port: 7_001 },
      { host: "b.example.com", port: 6_379 },
      { host: "::1", port: 7_003 },
    ],
    isTls: true,
    username: "bus",
    password: "p@ss",
  });
  expect(parseRedisAddress("redis-sentinel://:secret@10.0.0.1,10.0.0.2:26380/inbox-1")).toEqual({
    kind: "sentinel",
    masterName: "inbox-1",
    nodes: [
      { host: "10.0.0.1", port: 26_379 },
      { host: "10.0.0.2", port: 26_380 },
    ],
    isTls: false,
    password: "secret",
  });
});

test.each([
  "http://a:1",
  "redis://",
  "redis-cluster://",
  "redis-cluster://a:1,:2",
  "redis-cluster://a:99999",
  "redis-cluster://a:1/0",
  "redis-sentinel://a:1",
  "redis-something://a:1",
])("rejects %s", (url) => {
  expect(parseRedisAddress(url)).toBeUndefined();
});
