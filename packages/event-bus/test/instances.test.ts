import { keys } from "@syszap/contracts";
import { redisTest } from "@syszap/testing";
import { expect } from "vitest";
import { announceInstance, readInstances } from "../src/index.ts";
import { openBus, silent } from "./recorder.ts";

redisTest("lists running processes by service, and none that stopped or is gone", async ({ redisUrl }) => {
  const { redis, close } = openBus(redisUrl);
  const leaveGateway = announceInstance(redis, "ws-gateway", silent);
  const leaveApi = announceInstance(redis, "rest-api", silent);
  const servicesIn = async () => (await readInstances(redis)).map(({ service }) => service);
  await expect.poll(servicesIn).toEqual(["rest-api", "ws-gateway"]);
  expect((await readInstances(redis))[0]).toMatchObject({ pid: process.pid, version: "unknown" });

  await redis.zadd(keys.instances, Date.now() - 60_000, JSON.stringify({ service: "killed" }));
  expect(await servicesIn()).toEqual(["rest-api", "ws-gateway"]);
  await leaveGateway();
  expect(await servicesIn()).toEqual(["rest-api"]);
  await leaveApi();
  close();
});
