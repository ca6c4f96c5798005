import { Publisher } from "@syszap/event-bus";
import { createLogger, createMetrics, currentLogContext, type LogContext } from "@syszap/platform";
import { missingMetrics } from "@syszap/testing";
import { expect } from "vitest";
import { loadConfig } from "../src/config.ts";
import { DatabaseGate } from "../src/database-gate.ts";
import { createWorkerMetrics } from "../src/metrics.ts";
import { createProcessors, type Processors } from "../src/processors/index.ts";
import { Sweeper } from "../src/sweeper.ts";
import { startWorker } from "../src/worker.ts";
import { messageJob, test } from "./fixtures.ts";

test("reports health and metrics", async ({ environment }) => {
  const acme = await environment.openCompany();
  const { port } = await environment.startWorker();
  await environment.add("message", messageJob(acme));
  await acme.events.next(({ type }) => type === "chat_update");
  const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  expect(await (await ask("/health/ready")).json()).toEqual({
    status: "ok",
    checks: { redis: "ok", queue: "ok", postgres: "ok" },
  });
  const metrics = await (await ask("/metrics")).text();
  expect(metrics).toMatch(/syszap_worker_job_duration_seconds_count\{[^}]*job="message"[^}]*\} 1/);
  for (const stage of ["whatsapp_to_stored", "stored_to_published"])
    expect(metrics).toMatch(new RegExp(`syszap_worker_message_stage_seconds_count\\{[^}]*stage="${stage}"[^}]*\\} 1`));
  expect(metrics).toMatch(/syszap_worker_queue_wait_seconds_count\{[^}]*job="message"[^}]*\} 1/);
  expect(missingMetrics("message-worker", metrics)).toEqual([]);
  expect(metrics).not.toContain(acme.companyId);
  expect(metrics).not.toContain(acme.sessionId);
  expect(metrics).toMatch(/syszap_worker_queue_jobs\{[^}]*state="waiting"[^}]*\} 0/);
});

test("reports backlogs, their age and dead letters as metrics", async ({ environment }) => {
  const acme = await environment.openCompany();
  const { port } = await environment.startWorker();
  const gauge = async (name: string, label = "") => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(new RegExp(`^syszap_${name}\\{[^}]*${label}[^}]*\\} (\\S+)$`, "m").exec(text)?.[1]);
  };
  expect(await gauge("worker_queue_oldest_age_seconds")).toBe(0);
  expect(await gauge("worker_outbound_oldest_age_seconds")).toBe(0);
  await environment.queue.add("no_such_job", {}, { attempts: 2, backoff: { type: "fixed", delay: 1 } });
  await expect.poll(() => gauge("worker_dead_letters", 'queue="inbound-messages",state="resting"')).toBe(1);
  expect(await gauge("worker_job_retries_total", 'job="unknown"')).toBe(1);

  await environment.add("message", messageJob(acme));
  const { data } = await acme.events.next(({ type }) => type === "new_message");
  const { companyId } = acme;
  const { userId } = await environment.db.system.logins.createUser({
    companyId,
    email: `${companyId}@example.com`,
    name: "Ana",
    role: "agent",
    passwordHash: "none",
  });
  await environment.db.withCompany(companyId, ({ outboundQueue }) =>
    outboundQueue.add({ chatId: (data as { Chat_Id: string }).Chat_Id, body: "oi", userId }),
  );
  expect(await gauge("worker_outbound_queued")).toBe(1);
  expect(await gauge("worker_outbound_oldest_age_seconds")).toBeGreaterThan(0);
});

test("reports the waiting jobs, with and without a priority, and when the oldest of them was added", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  const log = createLogger({ service: "test", level: "silent" });
  const metrics = createWorkerMetrics(createMetrics("message-worker"));
  const sweeper = new Sweeper({
    eventLogDays: 7,
    auditLogDays: 730,
    db: environment.db,
    queueRedis: environment.redis,
    publisher: new Publisher(environment.redis, log),
    metrics,
    log,
  });
  const old = new Date(Date.now() - 60_000);
  await environment.queue.add("message", messageJob(acme), { jobId: "old", timestamp: old.getTime() });
  await environment.queue.add("message", messageJob(acme), { jobId: "young" });
  expect(await sweeper.oldestWaitingAt()).toEqual(old);
  const older = new Date(old.getTime() - 60_000);
  const recovered = { jobId: "recovered", timestamp: older.getTime(), priority: 1 };
  await environment.queue.add("message", messageJob(acme), recovered);
  expect(await sweeper.oldestWaitingAt()).toEqual(older);
  expect(await sweeper.depth()).toEqual({ waiting: 2, prioritized: 1, active: 0, delayed: 0 });
  await sweeper.stop();
});

test("runs each job in a log context that names it", async ({ environment }) => {
  const acme = await environment.openCompany();
  const log = createLogger({ service: "test", level: "silent" });
  const redis = environment.redis.duplicate();
  let noteContext: (context: LogContext) => void;
  const seen = new Promise<LogContext>((resolve) => {
    noteContext = resolve;
  });
  const processors: Processors = {
    ...createProcessors(environment.db),
    contact: async () => noteContext(currentLogContext()),
  };
  const worker = startWorker({
    ...{ redis, concurrency: 1, processors, log, gate: new DatabaseGate(() => environment.db.ping(), log) },
    metrics: createWorkerMetrics(createMetrics("message-worker")),
  });
  const jobId = await environment.add("contact", {
    ...{ companyId: acme.companyId, sessionId: acme.sessionId, number: "5511988887777", name: "Ana", timestampMs: 1 },
  });
  expect(await seen).toEqual({ jobId });
  await worker.close();
  redis.disconnect();
});

test("names all invalid variables at once, without their values", () => {
  const bad = { PORT: "secret-port", DATABASE_URL: "mysql://user:hunter2@x/y", REDIS_URL: "redis://ok" };
  expect(() => loadConfig(bad)).toThrow(/PORT[\s\S]*DATABASE_URL[\s\S]*SYSTEM_DATABASE_URL/);
  expect(() => loadConfig(bad)).not.toThrow(/hunter2|secret-port/);
});
