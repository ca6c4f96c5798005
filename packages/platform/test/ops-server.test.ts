import { expect, test } from "vitest";
import { createLogger, createMetrics, Health, startOpsServer } from "../src/index.ts";

const log = createLogger({ service: "test", level: "silent" });

test("readiness names failed checks and fails while draining; liveness and metrics always answer", async () => {
  const health = new Health();
  const metrics = createMetrics("trial");
  metrics.counter("facts_total", "Received facts").inc(3);
  let isDatabaseUp = false;
  health.addCheck("postgres", () => {
    if (!isDatabaseUp) throw new Error("connection refused");
  });
  const server = await startOpsServer({ host: "127.0.0.1", port: 0, health, metrics, log });
  const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`);

  const notReady = await get("/health/ready");
  expect([notReady.status, await notReady.json()]).toEqual([
    503,
    { status: "unavailable", checks: { postgres: "connection refused" } },
  ]);
  expect((await get("/health/live")).status).toBe(200);
  expect(await (await get("/metrics")).text()).toContain('syszap_facts_total{service="trial"} 3');
  expect((await get("/else")).status).toBe(404);

  isDatabaseUp = true;
  expect((await get("/health/ready")).status).toBe(200);
  health.startDraining();
  expect((await get("/health/ready")).status).toBe(503);
  await server.close();
});

test("fails a check that hangs after its timeout", async () => {
  const health = new Health();
  health.addCheck("redis", () => new Promise(() => {}));
  expect((await health.ready()).checks.redis).toMatch(/no answer within 2000 ms/);
});
