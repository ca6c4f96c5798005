import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { maxJobRecoveryMs, queues } from "@syszap/contracts";
import type { DatabaseUrls } from "@syszap/testing";
import { QueueEvents } from "bullmq";
import pg from "pg";
import { expect } from "vitest";
import { asOwner, environmentVariables, lockWaits, messageJob, test } from "./fixtures.ts";

const jobCount = 4;

test("processes the jobs of a killed worker after their locks expired", async ({
  environment,
  database,
  redisUrl,
  onTestFinished,
}) => {
  const acme = await environment.openCompany();
  const lifeOf = await recordJobs(redisUrl, onTestFinished);
  const table = await lockMessages(database);
  const killed = startWorkerProcess(environmentVariables(redisUrl, database), onTestFinished);
  const ids = await Promise.all(
    Array.from({ length: jobCount }, (_, at) =>
      environment.add(
        "message",
        messageJob(acme, { body: `held ${at}`, client: { number: `551190${at}`, name: "Bia" } }),
      ),
    ),
  );
  await expect.poll(() => environment.queue.getActiveCount()).toBe(jobCount);
  await expect.poll(async () => (await asOwner(database, lockWaits)).length).toBeGreaterThan(0);

  killed.kill("SIGKILL");
  await once(killed, "exit");
  await environment.startWorker();
  await table.unlock();
  await expect.poll(() => acme.events.of("new_message").length).toBe(jobCount);
  await expect.poll(() => environment.queue.getCompletedCount()).toBe(jobCount);

  for (const id of ids) {
    await expect.poll(() => lifeOf(id).at(-1)).toBe("completed");
    // On a busy machine the second worker may lose a lock as well.
    expect(lifeOf(id).slice(0, 3)).toEqual(["active", "stalled", "active"]);
  }
  const bodies = acme.events.of("new_message").map(({ data }) => data.Body);
  expect(bodies.sort()).toEqual(["held 0", "held 1", "held 2", "held 3"]);
});

test("the settings of the worker return the jobs of a killed worker within 3 s", () => {
  expect(maxJobRecoveryMs).toBeLessThanOrEqual(3_000);
});

type OnTestFinished = (close: () => void | Promise<void>) => void;

/** Returns a function that lists what happened to a job, in the order of Redis. */
async function recordJobs(redisUrl: string, onTestFinished: OnTestFinished) {
  const lives = new Map<string, string[]>();
  const events = new QueueEvents(queues.inboundMessages, { connection: { url: redisUrl } });
  onTestFinished(() => events.close());
  for (const name of ["active", "stalled", "completed"] as const) {
    events.on(name, ({ jobId }: { jobId: string }) => lives.set(jobId, [...(lives.get(jobId) ?? []), name]));
  }
  await events.waitUntilReady();
  return (jobId: string) => lives.get(jobId) ?? [];
}

/** Blocks every transaction that stores a message, until it is unlocked. */
async function lockMessages(database: DatabaseUrls) {
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  await client.query("begin");
  await client.query("lock table messages in access exclusive mode");
  return { unlock: () => client.end() };
}

/** Starts the built worker in its own process, so that it can be killed. */
function startWorkerProcess(env: Record<string, string>, onTestFinished: OnTestFinished): ChildProcess {
  const child = spawn(process.execPath, ["dist/main.js"], {
    cwd: new URL("..", import.meta.url),
    env: { PATH: process.env.PATH, LOG_LEVEL: "fatal", ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}
