import { expect, test } from "vitest";
import { loadConfig } from "../../src/config.ts";
import { leaseTimes, renewEveryMs } from "../../src/lease.ts";

const env = (LEASE_MS: string) => ({
  NODE_ENV: "development",
  PORT: "0",
  DATABASE_URL: "postgres://syszap_app:x@127.0.0.1/syszap",
  SYSTEM_DATABASE_URL: "postgres://syszap_system:x@127.0.0.1/syszap",
  REDIS_URL: "redis://127.0.0.1:6379",
  MEDIA_DIRECTORY: "/data/media",
  PROFILE_DIRECTORY: "/data/profiles",
  CONNECTOR_ID: "connector-1",
  LEASE_MS,
});

test("lasts 45 s by default, is renewed nine times in that time, and ends for its owner first", () => {
  expect(loadConfig(env("")).LEASE_MS).toBe(45_000);
  expect(leaseTimes()).toEqual({ durationMs: 45_000, safetyMs: 5_000, trustAfterMs: 45_000 });
  expect(renewEveryMs(45_000)).toBe(5_000);
  const shorter = leaseTimes(loadConfig(env("9000")).LEASE_MS);
  expect(shorter).toEqual({ durationMs: 9_000, safetyMs: 1_000, trustAfterMs: 9_000 });
  expect(renewEveryMs(9_000)).toBe(1_000);
});

test.for(["0", "4499", "600001", "45s"])("a lease of %s is refused", (given) => {
  expect(() => loadConfig(env(given))).toThrow("LEASE_MS");
});
