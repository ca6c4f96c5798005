import { expect, test } from "vitest";
import { ApiError } from "../../src/api/api-error.ts";
import { OutgoingMessages } from "../../src/live/outgoing.ts";
import { aMessage } from "../support/builders.ts";

/** A server whose answers the test gives one by one. */
function scriptedServer() {
  const calls: { body: string; key: string; answer: () => void; refuse: (error: ApiError) => void }[] = [];
  let onCall: () => void = () => undefined;
  const outgoing = new OutgoingMessages({
    upload: () => Promise.reject(new Error("this test uploads nothing")),
    send: (_chatId, { body = "" }, key) =>
      new Promise((resolve, reject) => {
        calls.push({ body, key, answer: () => resolve(aMessage({ body })), refuse: reject });
        onCall();
      }),
    onSent: () => undefined,
  });
  const settled = () =>
    new Promise<void>((resolve) => {
      const stop = outgoing.store.subscribe(() => {
        stop();
        resolve();
      });
    });
  return {
    outgoing,
    settled,
    async call(index: number) {
      while (!calls[index])
        await new Promise<void>((resolve) => {
          onCall = resolve;
        });
      return calls[index];
    },
    count: () => calls.length,
  };
}

test("sends the messages of a chat one at a time, in the order in which they were written", async () => {
  const { outgoing, call, count } = scriptedServer();
  outgoing.send("chat", "first");
  outgoing.send("chat", "second");
  const first = await call(0);
  expect([first.body, count()]).toEqual(["first", 1]);
  first.answer();
  expect((await call(1)).body).toBe("second");
});

test("keeps a refused message with the reason, and retries it with the same key", async () => {
  const { outgoing, call, settled } = scriptedServer();
  outgoing.send("chat", "oi");
  const first = await call(0);
  const failed = settled();
  first.refuse(new ApiError(409, { detail: "removed" }));
  await failed;
  expect(outgoing.store.get()[0]?.failure?.problem.detail).toBe("removed");
  outgoing.retry(first.key);
  const second = await call(1);
  expect(second.key).toBe(first.key);
  const sent = settled();
  second.answer();
  await sent;
  expect(outgoing.store.get()).toEqual([]);
});

test("retries a transient error automatically with the same key", async () => {
  const { outgoing, call } = scriptedServer();
  outgoing.send("chat", "oi");
  const first = await call(0);
  first.refuse(new ApiError(0));
  expect((await call(1)).key).toBe(first.key);
});

test("does not show a message twice when its event arrives before the answer", async () => {
  const { outgoing, call } = scriptedServer();
  outgoing.send("chat", "oi");
  outgoing.send("chat", "oi");
  await call(0);
  outgoing.onOwnMessage("chat", "oi");
  expect(outgoing.store.get().map((each) => each.isInConversation)).toEqual([true, false]);
});

test("uploads a file once, even if its message is retried, and later messages wait", async () => {
  const sent: { request: object; key: string }[] = [];
  let uploads = 0;
  let refusal: ApiError | undefined = new ApiError(409, { detail: "removed" });
  const outgoing = new OutgoingMessages({
    upload: async (_file, { onProgress }) => {
      uploads += 1;
      onProgress?.(0.5);
      return { id: "m", mimeType: "image/png", fileName: null, size: 3, as: "image" };
    },
    send: async (_chatId, request, key) => {
      sent.push({ request, key });
      if (refusal) throw refusal;
      return aMessage();
    },
    onSent: () => undefined,
  });
  const emptied = () =>
    new Promise<void>((resolve) => outgoing.store.subscribe(() => outgoing.store.get().length === 0 && resolve()));
  outgoing.send("chat", "a foto", { file: new File(["png"], "a.png") });
  await expect.poll(() => outgoing.store.get()[0]?.failure?.status).toBe(409);
  refusal = undefined;
  const done = emptied();
  outgoing.retry(outgoing.store.get()[0]?.key ?? "");
  outgoing.send("chat", "depois");
  await done;
  expect(uploads).toBe(1);
  expect(sent.map(({ request }) => request)).toEqual([
    { media: { id: "m" }, body: "a foto" },
    { media: { id: "m" }, body: "a foto" },
    { body: "depois" },
  ]);
  expect(sent[0]?.key).toBe(sent[1]?.key);
});

test("keeps no entry for a chat after its last delivery", async () => {
  const { outgoing, call } = scriptedServer();
  outgoing.send("first chat", "a");
  outgoing.send("first chat", "b");
  outgoing.send("second chat", "c");
  expect(outgoing.sendingChats).toBe(2);
  (await call(0)).answer();
  (await call(1)).refuse(new ApiError(409));
  (await call(2)).answer();
  await expect.poll(() => outgoing.sendingChats).toBe(0);
  expect(outgoing.store.get()).toHaveLength(1); // the refused message
});

test("a message that is discarded during its upload ends the upload and is not sent; the next one is", async () => {
  const sent: object[] = [];
  const outgoing = new OutgoingMessages({
    upload: (_file, { signal }) =>
      new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(new ApiError(0)))),
    send: async (_chatId, request) => {
      sent.push(request);
      return aMessage();
    },
    onSent: () => undefined,
  });
  outgoing.send("chat", "a foto", { file: new File(["png"], "a.png") });
  outgoing.send("chat", "depois");
  await Promise.resolve();
  outgoing.discard(outgoing.store.get()[0]?.key ?? "");
  await expect.poll(() => outgoing.store.get().length).toBe(0);
  expect(sent).toEqual([{ body: "depois" }]);
});

test("a file is sent as the kind that was chosen for it", async () => {
  const sent: object[] = [];
  const outgoing = new OutgoingMessages({
    upload: async () => ({ id: "m", mimeType: "audio/ogg", fileName: null, size: 3, as: "audio" }),
    send: async (_chatId, request) => {
      sent.push(request);
      return aMessage();
    },
    onSent: () => undefined,
  });
  outgoing.send("chat", "", { file: new File(["ogg"], "a.ogg"), as: "voice" });
  await expect.poll(() => sent).toEqual([{ media: { id: "m", as: "voice" } }]);
});

test("messages that failed without a network are sent in their order when it is back; a refused or old one is not", async () => {
  const sent: string[] = [];
  const outgoing = new OutgoingMessages({
    upload: () => Promise.reject(new Error("this test uploads nothing")),
    send: async (_chatId, { body = "" }) => {
      sent.push(body);
      return aMessage();
    },
    onSent: () => undefined,
  });
  const unreachable = { createdAt: "", progress: 0, failure: new ApiError(0), isInConversation: false, chatId: "chat" };
  outgoing.restore([
    { ...unreachable, key: "1", body: "first" },
    { ...unreachable, key: "2", body: "refused", failure: new ApiError(409) },
    { ...unreachable, key: "3", body: "old", waitsForUser: true },
    { ...unreachable, key: "4", body: "second" },
  ]);
  outgoing.retryUnreachable();
  await expect.poll(() => sent).toEqual(["first", "second"]);
  expect(outgoing.store.get().map(({ body }) => body)).toEqual(["refused", "old"]);
});
