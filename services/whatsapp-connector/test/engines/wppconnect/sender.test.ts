import { expect, test } from "vitest";
import type { OutgoingMedia } from "../../../src/engines/contract/engine.ts";
import { findAck } from "../../../src/engines/wppconnect/page/account.ts";
import * as page from "../../../src/engines/wppconnect/page/sending.ts";
import { Sender } from "../../../src/engines/wppconnect/sending/sender.ts";

const video: OutgoingMedia = {
  kind: "media",
  as: "video",
  caption: "",
  waKey: "3EB0A",
  waChatId: "5511988887777@c.us",
  file: {
    mimeType: "video/mp4",
    fileName: null,
    sizeBytes: 90_000_000,
    open: async function* () {
      yield Buffer.from("a video");
    },
  },
};

/** A page with a prepared answer for each function that runs in it. */
function scriptedPage(answers: ReadonlyMap<unknown, () => unknown>) {
  const calls: unknown[] = [];
  const sender = new Sender({
    isSynced: () => true,
    inPage: async (run, _argument, timeoutMs) => {
      calls.push({ run, timeoutMs });
      return (await answers.get(run)?.()) as never;
    },
    sendMs: 1_000,
  });
  return { sender, of: (run: unknown) => calls.filter((each) => (each as { run: unknown }).run === run) };
}

const target = () => ({ chat: video.waChatId, isBlocked: false, message: null });

test("polls the outcome of a long upload with short calls", async () => {
  const states = ["sending", "sending", "sent"];
  const answers = new Map<unknown, () => unknown>([
    [page.findTarget, target],
    [findAck, () => null],
    [page.fileLimit, () => null],
    [page.awaitFile, () => states.shift()],
  ]);
  const { sender, of } = scriptedPage(answers);
  await sender.send(video);
  expect(states).toEqual([]);
  expect(of(page.beginFile)).toHaveLength(1);
  // Below the timeout of one call to the browser.
  expect(of(page.awaitFile)).toMatchObject(Array(3).fill({ timeoutMs: 21_000 }));
  expect(of(page.dropPieces)).toHaveLength(1);
});

test("treats a page reload during the upload as a transient error", async () => {
  const answers = new Map<unknown, () => unknown>([
    [page.findTarget, target],
    [findAck, () => null],
    [page.fileLimit, () => null],
    [page.awaitFile, () => "unknown"],
  ]);
  await expect(scriptedPage(answers).sender.send(video)).rejects.toMatchObject({ kind: "transient" });
});

test("rejects a second attempt while the first one is still in progress", async () => {
  let finish: (state: string) => void = () => undefined;
  const answers = new Map<unknown, () => unknown>([
    [page.findTarget, target],
    [findAck, () => null],
    [page.fileLimit, () => null],
    [page.awaitFile, () => new Promise((resolve) => (finish = resolve))],
  ]);
  const { sender, of } = scriptedPage(answers);
  const first = sender.send(video);
  await expect.poll(() => of(page.awaitFile)).toHaveLength(1);
  expect(await sender.find(video)).toBe("pending");
  await expect(sender.send(video)).rejects.toMatchObject({ kind: "transient" });
  expect(of(page.beginFile)).toHaveLength(1);
  finish("sent");
  await first;
  expect(await sender.find(video)).toBe("absent"); // looked up in the page again
});

test.for([
  ["No LID for user", "chat"],
  ["a call to WhatsApp's page took longer than 30000 ms", "session"],
  ["Execution context was destroyed", "session"],
])("classifies the error %s as one of the %s", async ([message, scope]) => {
  const answers = new Map<unknown, () => unknown>([
    [page.findTarget, target],
    [findAck, () => null],
    [page.sendText, () => Promise.reject(new Error(message))],
  ]);
  const { sender } = scriptedPage(answers);
  const sending = sender.send({ kind: "text", waKey: "3EB0B", waChatId: video.waChatId, body: "oi" });
  await expect(sending).rejects.toMatchObject({ kind: "transient", scope });
});
