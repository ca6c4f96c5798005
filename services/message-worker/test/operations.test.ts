import { expect } from "vitest";
import { loadConfig } from "../src/config.ts";
import { messageJob, test } from "./fixtures.ts";

test("health and metrics tell how the worker is doing", async ({ world }) => {
  const acme = await world.openCompany();
  const { port } = await world.startWorker();
  await world.add("message", messageJob(acme));
  await acme.listener.next(({ type }) => type === "chat_update");
  const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  expect(await (await ask("/health/ready")).json()).toEqual({
    status: "ok",
    checks: { redis: "ok", queue: "ok", postgres: "ok" },
  });
  const metrics = await (await ask("/metrics")).text();
  expect(metrics).toMatch(/syszap_worker_job_duration_seconds_count\{[^}]*job="message"[^}]*\} 1/);
  expect(metrics).toMatch(/syszap_worker_queue_jobs\{[^}]*state="waiting"[^}]*\} 0/);
});

test("every bad variable is named at once, and no value", () => {
  const bad = { PORT: "secret-port", DATABASE_URL: "mysql://user:hunter2@x/y", REDIS_URL: "redis://ok" };
  expect(() => loadConfig(bad)).toThrow(/PORT[\s\S]*DATABASE_URL[\s\S]*SYSTEM_DATABASE_URL/);
  expect(() => loadConfig(bad)).not.toThrow(/hunter2|secret-port/);
});
