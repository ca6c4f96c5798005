import type { Jobs, MessageJob } from "@syszap/contracts";
import type { CompanyUnit } from "@syszap/database";
import type { DatabaseUrls } from "@syszap/testing";
import { describe, expect } from "vitest";
import { createProcessors } from "../src/processors/index.ts";
import { storeMessages } from "../src/processors/message.ts";
import { asOwner, type Company, lockWaits, messageJob, type TestEnvironment, test } from "./fixtures.ts";

const keyOf = ({ companyId, sessionId, waKey, direction }: MessageJob) => ({ companyId, sessionId, waKey, direction });
const reactionTo = (job: MessageJob, overrides: Partial<Jobs["reaction"]> = {}): Jobs["reaction"] => ({
  ...keyOf(job),
  from: "client",
  emoji: "👍",
  timestampMs: 1,
  ...overrides,
});

async function storedMessage({ db }: TestEnvironment, acme: Company, job: MessageJob) {
  return db.withCompany(acme.companyId, async ({ chats, messages }) => {
    const [chat] = (await chats.list({ limit: 1 })).items;
    const { items } = chat ? await messages.listBefore(chat.id, { limit: 10 }) : { items: [] };
    return items.find(({ body }) => body === job.body) ?? items[0];
  });
}

test("keeps facts that arrive before their message without a failed attempt, and applies them once", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  await environment.startWorker({ CONCURRENCY: "1" });
  const job = messageJob(acme, { direction: 1, status: "sent", body: "first text" });
  const key = keyOf(job);
  const ids = [
    await environment.add("ack", { ...key, status: "read", timestampMs: 5 }),
    await environment.add("edit", { ...key, editKey: "E1", body: "second text", timestampMs: 6 }),
    await environment.add("reaction", reactionTo(job)),
  ];
  for (const id of ids)
    await expect.poll(async () => (await environment.queue.getJob(id))?.getState()).toBe("completed");
  await environment.add("message", job);
  await acme.events.next(({ type, data }) => type === "message_update" && "Reactions" in (data as object));
  const message = await storedMessage(environment, acme, { ...job, body: "second text" });
  expect(message).toMatchObject({ body: "second text", status: "read", reactions: [{ Emoji: "👍" }] });
  await environment.add("reaction", reactionTo(job), { jobId: "repeated" });
  await environment.add("message", messageJob(acme, { body: "barrier" }));
  await acme.events.next(({ data }) => (data as { Body?: string }).Body === "barrier");
  expect(acme.events.of("message_update").map(({ data }) => data.Change)).toEqual(["edited", "reaction"]);
});

test("a message that was deleted before it arrived has no text, also not as the last message of its chat", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  await environment.startWorker({ CONCURRENCY: "1" });
  const job = messageJob(acme, { body: "o que não devia" });
  await environment.add("revoke", { ...keyOf(job), timestampMs: job.timestampMs + 1 });
  await environment.add("message", job);
  await acme.events.next(({ type }) => type === "message_update");
  expect(await storedMessage(environment, acme, { ...job, body: "" })).toMatchObject({ body: "" });
  const chats = await environment.db.withCompany(acme.companyId, (unit) => unit.chats.list({ limit: 1 }));
  expect(chats.items[0]?.lastMessage?.body).toBe("");
});

describe("a fact and its message in concurrent transactions", () => {
  /** Runs `first` in a transaction that commits when `second` waits for its locks. */
  async function race(
    acme: Company,
    { environment, database }: { environment: TestEnvironment; database: DatabaseUrls },
    first: (unit: CompanyUnit) => Promise<unknown>,
    second: () => Promise<unknown>,
  ) {
    let running: Promise<unknown> = Promise.resolve();
    await environment.db.withCompany(acme.companyId, async (unit) => {
      await first(unit);
      running = second();
      await expect.poll(() => asOwner(database, lockWaits)).toHaveLength(1);
    });
    await running;
  }

  test("with the message first: the fact waits for the commit and finds the message", async ({
    environment,
    database,
  }) => {
    const acme = await environment.openCompany();
    const job = messageJob(acme);
    const processors = createProcessors(environment.db);
    const store = (unit: CompanyUnit) => storeMessages(unit, [job]);
    await race(acme, { environment, database }, store, () => processors.reaction(reactionTo(job)));
    expect(await storedMessage(environment, acme, job)).toMatchObject({ reactions: [{ Emoji: "👍" }] });
  });

  test("with the fact first: the message waits for the commit and applies the fact", async ({
    environment,
    database,
  }) => {
    const acme = await environment.openCompany();
    const job = messageJob(acme);
    const reaction = reactionTo(job);
    const processors = createProcessors(environment.db);
    const keep = async (unit: CompanyUnit) => {
      await unit.pendingFacts.lock(reaction);
      expect(await unit.messageChanges.applyReaction(reaction, reaction)).toBe("absent");
      await unit.pendingFacts.keep(reaction, { id: "R", kind: "reaction", payload: JSON.stringify(reaction) });
    };
    await race(acme, { environment, database }, keep, () => processors.message(job));
    expect(await storedMessage(environment, acme, job)).toMatchObject({ reactions: [{ Emoji: "👍" }] });
  });
});

describe("facts whose message does not arrive", () => {
  test("are limited for each company: a new fact replaces the oldest of the same company", async ({ environment }) => {
    const [acme, globex] = [await environment.openCompany(), await environment.openCompany()];
    const keep = (company: Company, id: string) => {
      const key = { sessionId: company.sessionId, direction: 0, waKey: id } as const;
      return environment.db.withCompany(company.companyId, ({ pendingFacts }) =>
        pendingFacts.keep(key, { id, kind: "ack", payload: "{}" }, 2),
      );
    };
    const take = (company: Company, waKey: string) =>
      environment.db.withCompany(company.companyId, ({ pendingFacts }) =>
        pendingFacts.take({ sessionId: company.sessionId, direction: 0, waKey }),
      );
    expect([await keep(globex, "G"), await keep(acme, "A"), await keep(acme, "B"), await keep(acme, "C")]).toEqual([
      0, 0, 0, 1,
    ]);
    expect((await Promise.all(["A", "B", "C"].map((id) => take(acme, id)))).map(({ length }) => length)).toEqual([
      0, 1, 1,
    ]);
    expect(await take(globex, "G")).toHaveLength(1);
  });

  test("are deleted after three days", async ({ environment, database }) => {
    const acme = await environment.openCompany();
    const processors = createProcessors(environment.db);
    const [old, young] = [messageJob(acme), messageJob(acme)];
    for (const job of [old, young]) await processors.reaction(reactionTo(job));
    const age = "update pending_facts set kept_at = now() - interval '73 hours' where wa_key = $1";
    await asOwner(database, age, [old.waKey]);
    expect(await environment.db.system.pendingFacts.deleteOld()).toBe(1);
    expect(await environment.db.system.pendingFacts.count()).toBe(1);
  });
});
