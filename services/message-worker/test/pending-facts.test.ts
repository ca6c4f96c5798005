import type { Jobs, MessageJob } from "@syszap/contracts";
import type { CompanyUnit } from "@syszap/database";
import type { DatabaseUrls } from "@syszap/testing";
import { describe, expect } from "vitest";
import { createProcessors } from "../src/processors/index.ts";
import { storeMessages } from "../src/processors/message.ts";
import { asOwner, type Company, messageJob, test, type World, waiting } from "./fixtures.ts";

const keyOf = ({ companyId, sessionId, waKey, direction }: MessageJob) => ({ companyId, sessionId, waKey, direction });
const reactionTo = (job: MessageJob, overrides: Partial<Jobs["reaction"]> = {}): Jobs["reaction"] => ({
  ...keyOf(job),
  from: "client",
  emoji: "👍",
  timestampMs: 1,
  ...overrides,
});

async function storedMessage({ db }: World, acme: Company, job: MessageJob) {
  return db.withCompany(acme.companyId, async ({ chats, messages }) => {
    const [chat] = (await chats.list({ limit: 1 })).items;
    const { items } = chat ? await messages.listBefore(chat.id, { limit: 10 }) : { items: [] };
    return items.find(({ body }) => body === job.body) ?? items[0];
  });
}

test("facts that come before their message take no attempt, wait, and are applied with it, once", async ({ world }) => {
  const acme = await world.openCompany();
  await world.startWorker({ CONCURRENCY: "1" });
  const job = messageJob(acme, { direction: 1, status: "sent", body: "first text" });
  const key = keyOf(job);
  const ids = [
    await world.add("ack", { ...key, status: "read", timestampMs: 5 }),
    await world.add("edit", { ...key, editKey: "E1", body: "second text", timestampMs: 6 }),
    await world.add("reaction", reactionTo(job)),
  ];
  for (const id of ids) await expect.poll(async () => (await world.queue.getJob(id))?.getState()).toBe("completed");
  await world.add("message", job);
  await acme.listener.next(({ type, data }) => type === "message_update" && "Reactions" in (data as object));
  const message = await storedMessage(world, acme, { ...job, body: "second text" });
  expect(message).toMatchObject({ body: "second text", status: "read", reactions: [{ Emoji: "👍" }] });
  await world.add("reaction", reactionTo(job), { jobId: "told-again" });
  await world.add("message", messageJob(acme, { body: "barrier" }));
  await acme.listener.next(({ data }) => (data as { Body?: string }).Body === "barrier");
  expect(acme.listener.of("message_update").map(({ data }) => data.Change)).toEqual(["edited", "reaction"]);
});

test("a message that was deleted before it came shows no text, also not in the list of chats", async ({ world }) => {
  const acme = await world.openCompany();
  await world.startWorker({ CONCURRENCY: "1" });
  const job = messageJob(acme, { body: "o que não devia" });
  await world.add("revoke", { ...keyOf(job), timestampMs: job.timestampMs + 1 });
  await world.add("message", job);
  await acme.listener.next(({ type }) => type === "message_update");
  expect(await storedMessage(world, acme, { ...job, body: "" })).toMatchObject({ body: "" });
  const chats = await world.db.withCompany(acme.companyId, (unit) => unit.chats.list({ limit: 1 }));
  expect(chats.items[0]?.lastMessage?.body).toBe("");
});

describe("a fact and its message at the same moment", () => {
  /** Runs `first` in a transaction that ends only once `second` waits for it. */
  async function race(
    acme: Company,
    { world, database }: { world: World; database: DatabaseUrls },
    first: (unit: CompanyUnit) => Promise<unknown>,
    second: () => Promise<unknown>,
  ) {
    let running: Promise<unknown> = Promise.resolve();
    await world.db.withCompany(acme.companyId, async (unit) => {
      await first(unit);
      running = second();
      await expect.poll(() => asOwner(database, waiting)).toHaveLength(1);
    });
    await running;
  }

  test("the message first: the fact waits for its commit and finds it", async ({ world, database }) => {
    const acme = await world.openCompany();
    const job = messageJob(acme);
    const processors = createProcessors(world.db);
    const store = (unit: CompanyUnit) => storeMessages(unit, [job]);
    await race(acme, { world, database }, store, () => processors.reaction(reactionTo(job)));
    expect(await storedMessage(world, acme, job)).toMatchObject({ reactions: [{ Emoji: "👍" }] });
  });

  test("the fact first: the message waits for its commit and takes it along", async ({ world, database }) => {
    const acme = await world.openCompany();
    const job = messageJob(acme);
    const reaction = reactionTo(job);
    const processors = createProcessors(world.db);
    const keep = async (unit: CompanyUnit) => {
      await unit.pendingFacts.lock(reaction);
      expect(await unit.messageChanges.applyReaction(reaction, reaction)).toBe("absent");
      await unit.pendingFacts.keep(reaction, { id: "R", kind: "reaction", payload: JSON.stringify(reaction) });
    };
    await race(acme, { world, database }, keep, () => processors.message(job));
    expect(await storedMessage(world, acme, job)).toMatchObject({ reactions: [{ Emoji: "👍" }] });
  });
});

describe("facts whose message never comes", () => {
  test("are bounded per company: the oldest make room, and only the company's own", async ({ world }) => {
    const [acme, globex] = [await world.openCompany(), await world.openCompany()];
    const keep = (company: Company, id: string) => {
      const key = { sessionId: company.sessionId, direction: 0, waKey: id } as const;
      return world.db.withCompany(company.companyId, ({ pendingFacts }) =>
        pendingFacts.keep(key, { id, kind: "ack", payload: "{}" }, 2),
      );
    };
    const take = (company: Company, waKey: string) =>
      world.db.withCompany(company.companyId, ({ pendingFacts }) =>
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

  test("are forgotten after three days", async ({ world, database }) => {
    const acme = await world.openCompany();
    const processors = createProcessors(world.db);
    const [old, young] = [messageJob(acme), messageJob(acme)];
    for (const job of [old, young]) await processors.reaction(reactionTo(job));
    const age = "update pending_facts set kept_at = now() - interval '73 hours' where wa_key = $1";
    await asOwner(database, age, [old.waKey]);
    expect(await world.db.system.pendingFacts.deleteOld()).toBe(1);
    expect(await world.db.system.pendingFacts.count()).toBe(1);
  });
});
