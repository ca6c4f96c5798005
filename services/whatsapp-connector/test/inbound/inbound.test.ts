import { type JobName, jobSchemas } from "@syszap/contracts";
import { createFilesystemStore } from "@syszap/media-store";
import { jobIdOf } from "@syszap/queues";
import { describe, expect } from "vitest";
import type { EngineFact } from "../../src/engines/contract/engine.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";
import { type TestEnvironment, test } from "../support/test-environment.ts";

const bia = { number: "5511912345678", name: "Bia" };
const chatId = `${bia.number}@c.us`;
let keys = 0;
const messageFact = (overrides: Partial<EngineFact & { kind: "message" }> = {}): EngineFact => ({
  kind: "message",
  waKey: `KEY${keys++}`,
  waChatId: chatId,
  direction: 0,
  type: "text",
  body: "oi",
  client: bia,
  timestampMs: 1_700_000_000_000 + keys,
  isHistory: false,
  ...overrides,
});

/** A connected session with an engine that the test controls. */
async function connected(environment: TestEnvironment, prepare: (engine: ScriptedEngine) => void = () => undefined) {
  const companyId = await environment.company();
  const engine = new ScriptedEngine();
  prepare(engine);
  const connector = await environment.connector("a", { engines: { simulator: engine.create } });
  const { id: sessionId } = await environment.session(companyId);
  await environment.status(sessionId, "connected");
  return { companyId, sessionId, engine, connector };
}

test("turns every kind of fact into a job that matches its schema, with a stable id", async ({ environment }) => {
  const { companyId, sessionId, engine } = await connected(environment);
  const about = { waKey: "KEY", direction: 1, timestampMs: 5 } as const;
  const facts: EngineFact[] = [
    messageFact({ waKey: "KEY", direction: 1, status: "sent", body: "da loja" }),
    { kind: "ack", status: "delivered", ...about },
    { kind: "edit", editKey: "EDIT", body: "corrigido", ...about },
    { kind: "reaction", from: "client", emoji: "👍", ...about },
    { kind: "revoke", ...about },
    { kind: "contact", number: bia.number, name: "Beatriz", timestampMs: 6 },
  ];
  for (const fact of facts) engine.emit().fact(fact);
  environment.takeJobs();
  for (const name of ["message", "ack", "edit", "reaction", "revoke", "contact"] as const satisfies JobName[]) {
    const { id, data } = await environment.job(name);
    expect(jobSchemas[name].safeParse(data).error).toBeUndefined();
    expect(data).toMatchObject({ companyId, sessionId });
    expect(id).toBe(jobIdOf<typeof name>(name, data));
  }
});

test("enqueues one job for a fact that is reported twice", async ({ environment }) => {
  const { engine } = await connected(environment);
  const twice = messageFact({ waKey: "twice" });
  engine.emit().fact(twice);
  engine.emit().fact(twice);
  engine.emit().fact(messageFact({ waKey: "barrier" }));
  environment.takeJobs();
  await environment.job("message", ({ waKey }) => waKey === "barrier");
  const messages = environment.jobs.all.filter(({ name }) => name === "message");
  expect(messages.map(({ data }) => (data as { waKey?: string }).waKey)).toEqual(["twice", "barrier"]);
});

test("numbers messages in the order of receipt, with the lease's generation", async ({ environment }) => {
  const { engine } = await connected(environment);
  for (const body of ["um", "dois", "três"]) engine.emit().fact(messageFact({ body }));
  environment.takeJobs();
  const jobs = [await environment.job("message"), await environment.job("message"), await environment.job("message")];
  const first = jobs[0]?.data.receipt ?? 0; // smaller numbers are reserved for recovered messages
  expect(first).toBeGreaterThan(0);
  expect(jobs.map(({ data }) => [data.body, data.generation, data.receipt - first])).toEqual([
    ["um", 1, 0],
    ["dois", 1, 1],
    ["três", 1, 2],
  ]);
});

test("stores a file before its job is enqueued, and puts no bytes into the job", async ({ environment }) => {
  const bytes = Buffer.from("\x89PNG\r\n\x1a\n a picture", "latin1");
  const { engine, companyId } = await connected(environment, (scripted) => {
    scripted.onDownload = async () => bytes;
  });
  engine
    .emit()
    .fact(messageFact({ type: "image", body: "olha", media: { handle: "h", mimeType: "image/png", fileName: null } }));
  environment.takeJobs();
  const { data } = await environment.job("message");
  expect(data.media).toMatchObject({ mimeType: "image/png", size: bytes.byteLength });
  expect(data.media?.storageKey.startsWith(`${companyId}/`)).toBe(true);
  const store = createFilesystemStore(`${environment.directory}/media`);
  const opened = await store.open(data.media?.storageKey ?? "");
  expect(opened.size).toBe(bytes.byteLength);
  opened.stream.destroy();
});

test("forwards a message without its file when the file is unavailable, and does not delay other chats", async ({
  environment,
}) => {
  let release = () => {};
  const blocked = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { engine } = await connected(environment, (scripted) => {
    scripted.onDownload = async () => {
      await blocked;
      throw new Error("gone from the server");
    };
  });
  const media = { handle: "h", mimeType: "image/png", fileName: null };
  engine.emit().fact(messageFact({ waKey: "with-file", type: "image", media }));
  engine.emit().fact(messageFact({ waKey: "other-chat", waChatId: "5511900001111@c.us" }));
  environment.takeJobs();
  await environment.job("message", ({ waKey }) => waKey === "other-chat");
  release();
  const { data } = await environment.job("message", ({ waKey }) => waKey === "with-file");
  expect(data).toMatchObject({ kind: "image", missingMedia: { state: "pending" } });
  expect(data.media).toBeUndefined();
});

test("delays later facts of a chat until the file of the earlier message is stored", async ({ environment }) => {
  let release = () => {};
  const blocked = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { engine } = await connected(environment, (scripted) => {
    scripted.onDownload = async () => {
      await blocked;
      return Buffer.from("late");
    };
  });
  const media = { handle: "h", mimeType: "image/png", fileName: null };
  engine.emit().fact(messageFact({ waKey: "with-file", type: "image", media }));
  engine.emit().fact(messageFact({ waKey: "after" }));
  engine.emit().fact({ kind: "revoke", waKey: "with-file", direction: 0, timestampMs: 1 });
  engine.emit().fact(messageFact({ waKey: "barrier", waChatId: "5511900001111@c.us" }));
  environment.takeJobs();
  await environment.job("message", ({ waKey }) => waKey === "barrier");
  release();
  await environment.job("revoke");
  const order = environment.jobs.all.filter(({ name }) => name !== "contact");
  expect(order.map(({ name, data }) => `${name} ${(data as { waKey?: string }).waKey}`)).toEqual([
    "message barrier",
    "message with-file",
    "message after",
    "revoke with-file",
  ]);
});

test("fetches a sender's picture with the first message, and again when it changed", async ({ environment }) => {
  let pictures = 0;
  const { engine } = await connected(environment, (scripted) => {
    scripted.onPicture = async () => Buffer.from(`\xff\xd8\xff picture ${pictures++}`, "latin1");
  });
  environment.takeJobs();
  engine.emit().fact(messageFact());
  await environment.job("message");
  const first = await environment.job("contact");
  expect(first.data).toMatchObject({ number: bia.number, picture: { size: 13, mimeType: "image/jpeg" } });
  engine.emit().fact(messageFact());
  await environment.job("message");
  engine.emit().fact({ kind: "contact", number: bia.number, pictureChanged: true, timestampMs: 1 });
  const second = await environment.job("contact");
  expect(second.data.picture?.sha256).not.toBe(first.data.picture?.sha256);
  expect(pictures).toBe(2);
});

test("drops and counts messages of groups, statuses and newsletters", async ({ environment }) => {
  const { engine, connector } = await connected(environment);
  for (const waChatId of ["12036304@g.us", "status@broadcast", "1203@newsletter", "77@broadcast"]) {
    engine.emit().fact(messageFact({ waChatId }));
  }
  engine
    .emit()
    .fact({ kind: "ack", waKey: "G", waChatId: "12036304@g.us", direction: 1, status: "read", timestampMs: 1 });
  engine.emit().fact(messageFact({ waKey: "last" }));
  environment.takeJobs();
  expect((await environment.job("message")).data).toMatchObject({ waKey: "last" });
  const metrics = await (await fetch(`http://127.0.0.1:${connector.port}/metrics`)).text();
  expect(metrics).toMatch(/facts_skipped_total\{reason="group",.*\} 2/);
});

test("observes the delay of each stage for new messages, not for history", async ({ environment }) => {
  const { engine, connector } = await connected(environment);
  engine.emit().fact(messageFact({ waKey: "OLD", isHistory: true }));
  engine.emit().fact(messageFact({ waKey: "NEW", timestampMs: Date.now() }));
  environment.takeJobs();
  await environment.job("message", ({ waKey }) => waKey === "NEW");
  const timed = async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${connector.port}/metrics`)).text();
    return [...metrics.matchAll(/connector_message_stage_seconds_count\{[^}]*stage="(\w+)"[^}]*\} (\d+)/g)].map(
      ([, stage, count]) => `${stage} ${count}`,
    );
  };
  await expect.poll(timed).toEqual(["whatsapp_to_connector 1", "connector_to_queue 1"]);
});

test("replaces characters that Postgres cannot store", async ({ environment }) => {
  const { engine } = await connected(environment);
  engine.emit().fact(messageFact({ body: "a\u0000b\ud83d", client: { number: bia.number, name: "Z\u0000" } }));
  environment.takeJobs();
  expect((await environment.job("message")).data).toMatchObject({
    body: "a\ufffdb\ufffd",
    client: { name: "Z\ufffd" },
  });
});

test("stores a fact that matches no schema as a dead letter, and forwards the next one", async ({ environment }) => {
  const { engine, companyId } = await connected(environment);
  engine.emit().fact(messageFact({ client: { number: "not a number", name: null } }));
  engine.emit().fact(messageFact({ waKey: "next" }));
  environment.takeJobs();
  expect((await environment.job("message")).data.waKey).toBe("next");
  const { items } = await environment.db.withCompany(companyId, ({ deadLetters }) => deadLetters.list({ limit: 10 }));
  expect(items).toMatchObject([{ jobName: "message", reason: expect.stringContaining("digits") }]);
});

test("keeps facts in order while the queue's Redis is away, and enqueues them later", async ({ environment }) => {
  const queueRedis = await environment.redis();
  const companyId = await environment.company();
  const engine = new ScriptedEngine();
  await environment.connector("a", { engines: { simulator: engine.create }, env: { QUEUE_REDIS_URL: queueRedis.url } });
  const { id } = await environment.session(companyId);
  await environment.status(id, "connected");
  await queueRedis.stop();
  for (const waKey of ["one", "two", "three"]) engine.emit().fact(messageFact({ waKey }));
  await queueRedis.startAgain();
  environment.takeJobs(queueRedis.url);
  const jobs = [await environment.job("message"), await environment.job("message"), await environment.job("message")];
  expect(jobs.map(({ data }) => data.waKey)).toEqual(["one", "two", "three"]);
});

describe("typing", () => {
  test("publishes a client's typing to the company, and ends it after a timeout", async ({ environment }) => {
    const companyId = await environment.company();
    const engine = new ScriptedEngine();
    await environment.connector("a", {
      engines: { simulator: engine.create },
      times: { session: { typingEndsAfterMs: 60 } },
    });
    const { id: sessionId } = await environment.session(companyId);
    await environment.status(sessionId, "connected");
    const { chat } = await environment.chat(companyId, sessionId, bia.number);
    engine.emit().typing({ waChatId: "5511900009999@c.us", state: "composing" }); // no such chat: nothing is published
    engine.emit().typing({ waChatId: chatId, state: "composing" });
    const { event } = await environment.event("typing");
    expect(event.data).toMatchObject({ Chat_Id: chat.id, State: "composing", From: "client" });
    expect((await environment.event("typing")).event.data).toMatchObject({ Chat_Id: chat.id, State: "paused" });
  });

  test("shows an agent's typing to WhatsApp and colleagues, and ignores chats of other companies", async ({
    environment,
  }) => {
    const { engine, companyId, sessionId } = await connected(environment);
    const { chat, userId } = await environment.chat(companyId, sessionId, bia.number);
    const stranger = await environment.company();
    await environment.session(stranger);
    await engine.starts.next(({ companyId: started }) => started === stranger);
    const typing = { kind: "typing", chatId: chat.id, state: "composing", userId } as const;
    await environment.publisher.command(stranger, typing);
    await environment.publisher.command(companyId, { ...typing, state: "recording" });
    expect((await environment.event("typing")).event.data).toMatchObject({
      State: "recording",
      From: "colleague",
      User_Id: userId,
    });
    expect((await engine.calls.next(({ what }) => what === "setTyping")).args).toEqual([chatId, "recording"]);
  });
});

test("marks a chat as read under its own WhatsApp id, and ignores chats of other sessions", async ({ environment }) => {
  const { engine, companyId, sessionId } = await connected(environment);
  const { chat } = await environment.chat(companyId, sessionId, bia.number);
  const order = { kind: "mark_read", sessionId, waChatId: "elsewhere@c.us" } as const;
  await environment.publisher.command(companyId, { ...order, chatId: "0195b1c4-7a2e-7c3d-9e4f-5a6b7c8d9e0f" });
  await environment.publisher.command(companyId, { ...order, chatId: chat.id });
  expect((await engine.calls.next(({ what }) => what === "markRead")).args).toEqual([chatId]);
});
