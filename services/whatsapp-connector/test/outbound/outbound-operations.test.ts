import { join } from "node:path";
import { messageType } from "@syszap/contracts";
import type { QueuedMessage } from "@syszap/database";
import { createFilesystemStore } from "@syszap/media-store";
import { expect } from "vitest";
import { type Outgoing, refusal, SendError } from "../../src/engines/contract/engine.ts";
import { bytesOf } from "../support/bytes.ts";
import { connected, signalQueued, statusOf } from "../support/outbound.ts";
import { type TestEnvironment, test } from "../support/test-environment.ts";

/** A connected session with a chat. Operations are queued as the API does. */
async function withOrders(environment: TestEnvironment, times: Parameters<typeof connected>[1] = {}) {
  const parts = await connected(environment, times);
  const { companyId, chat, sessionId } = parts;
  const { userId } = await environment.db.system.logins.createUser({
    ...{ companyId, email: `${crypto.randomUUID()}@example.com`, name: "Ana", role: "agent", passwordHash: "none" },
  });
  const order = async (asked: Omit<QueuedMessage, "chatId" | "userId"> & { chatId?: string }) => {
    const queued = await environment.db.withCompany(companyId, ({ outboundQueue }) =>
      outboundQueue.add({ chatId: chat.id, ...asked, userId }),
    );
    if (!queued) throw new Error("no such chat");
    return queued.message;
  };
  const find = (id: string) => environment.db.withCompany(companyId, ({ messages }) => messages.find(id));
  const sent = () => parts.engine.asked.all.flatMap(({ what, message }) => (what === "send" ? [message] : []));
  return { ...parts, order, find, sent, signal: () => signalQueued(environment, sessionId) };
}
const updateOf = (environment: TestEnvironment, id: string) =>
  environment.event("message_update", ({ data }) => data.Id === id);

test("sends edits and reactions in queue order, and changes the message only when they are sent", async ({
  environment,
}) => {
  const { order, find, sent, signal, engine } = await withOrders(environment);
  const text = await order({ body: "às 10h" });
  const edit = await order({ body: "às 11h", changes: { messageId: text.id, change: "edit" } });
  const reaction = await order({ body: "👍", changes: { messageId: text.id, change: "reaction" } });
  const answer = await order({ body: "combinado", quotes: text.id });
  let bodyWhileEditing: string | undefined;
  engine.onSend = async ({ kind }: { kind: string }) => {
    if (kind === "edit") bodyWhileEditing = (await find(text.id))?.body;
  };
  await signal();
  await statusOf(environment, answer.id, "sent");
  expect(sent().map(({ kind }) => kind)).toEqual(["text", "edit", "reaction", "text"]);
  const [first, second, , last] = sent();
  const target = { waKey: first?.waKey, direction: 1 };
  expect(second).toMatchObject({ target, body: "às 11h" });
  expect(second?.waKey).not.toBe(first?.waKey);
  expect(last).toMatchObject({ quoted: target });
  expect(bodyWhileEditing).toBe("às 10h");
  const { event } = await updateOf(environment, text.id);
  expect(event.data).toMatchObject({ Change: "edited", Body: "às 11h" });
  const told = await statusOf(environment, edit.id, "sent");
  expect(told.event.data.Changes).toEqual({ Message_Id: text.id, Change: "edit" });
  await statusOf(environment, reaction.id, "sent");
  expect(await find(text.id)).toMatchObject({ body: "às 11h", reactions: [{ Emoji: "👍", From: "company" }] });
});

test("asks for an edit of unknown outcome before it sends it again, and applies it once", async ({ environment }) => {
  const { order, find, sent, signal, engine } = await withOrders(environment);
  const text = await order({ body: "antes" });
  const edit = await order({ body: "depois", changes: { messageId: text.id, change: "edit" } });
  engine.onSend = async ({ kind }: { kind: string }) => {
    if (kind === "edit") throw new SendError("the answer was lost", "transient");
  };
  engine.onFind = () => "accepted";
  await signal();
  await statusOf(environment, edit.id, "sent");
  expect(sent().filter(({ kind }) => kind === "edit")).toHaveLength(1);
  expect((await find(text.id))?.body).toBe("depois");
});

test("fails an operation that WhatsApp refuses permanently, with its failure code, and changes nothing", async ({
  environment,
}) => {
  const { order, find, signal, engine } = await withOrders(environment);
  const text = await order({ body: "de ontem" });
  const edit = await order({ body: "de hoje", changes: { messageId: text.id, change: "edit" } });
  const next = await order({ body: "o próximo" });
  engine.onSend = async ({ kind }: { kind: string }) => {
    if (kind === "edit") throw refusal("edit_too_late");
  };
  await signal();
  const { event } = await statusOf(environment, edit.id, "failed");
  expect(event.data).toMatchObject({ Reason: "edit_too_late", Changes: { Message_Id: text.id, Change: "edit" } });
  await statusOf(environment, next.id, "sent");
  expect(await find(text.id)).toMatchObject({ body: "de ontem", editedAt: null });
});

test("removes the text of a deleted message when WhatsApp has accepted the deletion", async ({ environment }) => {
  const { order, find, signal } = await withOrders(environment);
  const text = await order({ body: "foi engano" });
  const deletion = await order({ body: "", changes: { messageId: text.id, change: "delete" } });
  await signal();
  await statusOf(environment, deletion.id, "sent");
  expect((await updateOf(environment, text.id)).event.data).toMatchObject({ Change: "revoked", Body: "" });
  expect((await find(text.id))?.revokedAt).not.toBeNull();
});

test("passes the whole file from the media store to the engine, and fails permanently when it is gone", async ({
  environment,
}) => {
  const { order, signal, engine, companyId } = await withOrders(environment);
  const store = createFilesystemStore(join(environment.directory, "media"));
  const bytes = Buffer.alloc(300_000, "sysZap");
  const add = async (content: Buffer, fileName: string) => {
    const file = await store.put(content, { companyId, mimeType: "application/pdf", fileName });
    return { file, id: await environment.db.withCompany(companyId, ({ media }) => media.add(file)) };
  };
  let read: Buffer | undefined;
  engine.onSend = async (message: unknown) => {
    const sending = message as Outgoing;
    if (sending.kind === "media") read = await bytesOf(sending.file.open());
  };
  const [here, gone] = [await add(bytes, "cardápio.pdf"), await add(Buffer.from("%PDF-gone"), "b.pdf")];
  await store.remove(gone.file.storageKey);
  const sent = await order({ body: "o cardápio", kind: "document", mediaId: here.id });
  expect(sent).toMatchObject({ type: messageType.document, media: { fileName: "cardápio.pdf" } });
  const failing = await order({ body: "", kind: "document", mediaId: gone.id });
  await signal();
  await statusOf(environment, sent.id, "sent");
  expect(read?.equals(bytes)).toBe(true);
  expect((await statusOf(environment, failing.id, "failed")).event.data.Reason).toBe("file_gone");
});

test("allows a large file the upload time of a slow connection", async ({ environment }) => {
  const { order, signal, engine, companyId, sent } = await withOrders(environment, { sendTimeoutMs: 30 });
  const store = createFilesystemStore(join(environment.directory, "media"));
  const film = await store.put(Buffer.alloc(64 * 20_000, "film"), {
    companyId,
    mimeType: "video/mp4",
    fileName: "a.mp4",
  });
  const mediaId = await environment.db.withCompany(companyId, ({ media }) => media.add(film));
  engine.onSend = () => new Promise((resolve) => setTimeout(resolve, 120));
  const { id } = await order({ body: "", kind: "document", mediaId });
  await signal();
  await statusOf(environment, id, "sent");
  expect(sent()).toHaveLength(1);
});

test("fails an edit of a message that is no longer stored, and never sends it as a text", async ({ environment }) => {
  const { order, signal, sent } = await withOrders(environment);
  const lost = await order({ body: "👍", changes: { messageId: crypto.randomUUID(), change: "reaction" } });
  const next = await order({ body: "o próximo" });
  await signal();
  expect((await statusOf(environment, lost.id, "failed")).event.data.Reason).toBe("message_gone");
  await statusOf(environment, next.id, "sent");
  expect(sent()).toMatchObject([{ kind: "text", body: "o próximo" }]);
});

test("names the participant who wrote the message of a group to which a reply or reaction refers", async ({
  environment,
}) => {
  const { companyId, sessionId, order, sent, signal } = await withOrders(environment);
  const waChatId = "120363000000000000@g.us";
  const sender = { number: "5521977776666", lid: "88000000000001", name: "Bia" };
  const received = await environment.db.withCompany(companyId, async ({ sessions, chatRecorder, messages }) => {
    await sessions.setGroups(sessionId, true);
    const group = await chatRecorder.upsert({ sessionId, waChatId });
    const about = { sessionId, chatId: group.id, direction: 0, waKey: "FROM-BIA", kind: "text" } as const;
    const rest = {
      body: "oi",
      status: null,
      mediaId: null,
      timestampMs: Date.now(),
      generation: 1,
      receipt: 1,
      sender,
    };
    const message = await messages.insertOnce({ ...about, ...rest });
    if (!message) throw new Error("the message was not stored");
    return message;
  });
  const inGroup = { chatId: received.chatId };
  await order({ ...inGroup, body: "olá, Bia", quotes: received.id });
  const last = await order({ ...inGroup, body: "👍", changes: { messageId: received.id, change: "reaction" } });
  await signal();
  await statusOf(environment, last.id, "sent");
  const reference = { waKey: "FROM-BIA", direction: 0, sender: { number: sender.number, lid: sender.lid } };
  expect(sent()).toMatchObject([
    { kind: "text", waChatId, quoted: reference },
    { kind: "reaction", waChatId, target: reference },
  ]);
});
