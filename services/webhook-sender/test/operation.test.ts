import { EnvironmentError } from "@syszap/platform";
import { missingMetrics } from "@syszap/testing";
import { expect, test as plain } from "vitest";
import { retryDelayMs } from "../src/backoff.ts";
import { loadConfig } from "../src/config.ts";
import { addWebhook, emitStatus, eventually, test } from "./fixtures.ts";

test("reports health and metrics", async ({ environment }) => {
  const acme = await environment.openCompany();
  const [good, bad] = [await environment.receiver(), await environment.receiver()];
  bad.answer((_received, res) => void res.writeHead(500).end());
  await addWebhook(environment, acme, good.url);
  await addWebhook(environment, acme, bad.url);
  const { port } = await environment.startSender({ WEBHOOK_BACKOFF_SECONDS: "3600" });
  await emitStatus(environment, acme);
  const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  expect(JSON.parse(await ask("/health/ready"))).toEqual({ status: "ok", checks: { postgres: "ok" } });
  const hasMetric = async (line: RegExp) => line.test(await ask("/metrics"));
  await eventually(() => hasMetric(/syszap_webhooks_attempts_total\{[^}]*result="delivered"[^}]*\} 1/)).toBe(true);
  await eventually(() => hasMetric(/syszap_webhooks_attempts_total\{[^}]*result="failed"[^}]*\} 1/)).toBe(true);
  const metrics = await ask("/metrics");
  expect(metrics).toMatch(/syszap_webhooks_attempt_seconds_count\{[^}]*\} 2/);
  expect(metrics).toMatch(/syszap_webhooks_endpoints\{[^}]*state="failing"[^}]*\} 1/);
  expect(metrics).toMatch(/syszap_webhooks_oldest_due_age_seconds\{[^}]*\} 0/);
  expect(missingMetrics("webhook-sender", metrics)).toEqual([]);
});

test("reports the age of the oldest event that is due", async ({ environment }) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  receiver.answer(() => undefined);
  await addWebhook(environment, acme, receiver.url);
  await emitStatus(environment, acme);
  await emitStatus(environment, acme);
  const { port } = await environment.startSender({ WEBHOOK_ENDPOINT_CONCURRENCY: "1" });
  await receiver.count(1);
  const age = async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(/syszap_webhooks_oldest_due_age_seconds\{[^}]*\} (\S+)/.exec(text)?.[1]);
  };
  await eventually(age).toBeGreaterThan(0.5);
  await receiver.close(); // Ends the open request, so that the sender stops without waiting for its timeout.
});

plain("the default retry delays add up to about 18 hours, with a jitter of 10 %", () => {
  const { WEBHOOK_BACKOFF_SECONDS: delays } = loadConfig(minimal);
  const sum = delays.reduce((all, seconds) => all + seconds, 0);
  expect(sum / 3_600).toBeCloseTo(17.7, 0);
  expect(retryDelayMs(delays, 1, () => 0)).toBe(4_500);
  expect(retryDelayMs(delays, 1, () => 1)).toBeCloseTo(5_500);
  expect(retryDelayMs(delays, delays.length, () => 0.5)).toBe(36_000_000);
  expect(retryDelayMs(delays, delays.length + 1)).toBeUndefined();
});

plain("private addresses are rejected by default", () => {
  expect(loadConfig(minimal).WEBHOOK_ALLOW_PRIVATE).toBe(false);
  expect(loadConfig({ ...minimal, WEBHOOK_ALLOW_PRIVATE: "false" }).WEBHOOK_ALLOW_PRIVATE).toBe(false);
  expect(loadConfig({ ...minimal, WEBHOOK_ALLOW_PRIVATE: "true" }).WEBHOOK_ALLOW_PRIVATE).toBe(true);
});

plain.for(["", "5,,x", "5,-1", "100000"])("rejects the backoff %o, or uses the default when it is empty", (value) => {
  const load = () => loadConfig({ ...minimal, WEBHOOK_BACKOFF_SECONDS: value });
  if (value === "") expect(load().WEBHOOK_BACKOFF_SECONDS).toHaveLength(8);
  else expect(load).toThrow(EnvironmentError);
});

const minimal = {
  NODE_ENV: "test",
  PORT: "0",
  REDIS_URL: "redis://127.0.0.1:1",
  DATABASE_URL: "postgres://a:b@127.0.0.1:1/c",
  SYSTEM_DATABASE_URL: "postgres://a:b@127.0.0.1:1/c",
};
