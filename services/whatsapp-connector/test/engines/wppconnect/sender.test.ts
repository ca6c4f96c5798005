import { expect, test } from "vitest";
import type { OutgoingMedia } from "../../../src/engines/contract/engine.ts";
import { findAck } from "../../../src/engines/wppconnect/page/account.ts";
import * as page from "../../../src/engines/wppconnect/page/sending.ts";
import { Sender } from "../../../src/engines/wppconnect/sending/sender.ts";

const film: OutgoingMedia = {
  ...{ kind: "media", as: "video", caption: "", waKey: "3EB0A", waChatId: "5511988887777@c.us" },
  file: {
    ...{ mimeType: "video/mp4", fileName: null, sizeBytes: 90_000_000 },
    open: async function* () {
      yield Buffer.from("a film");
    },
  },
};

/** A page that has each answer ready, by the function it is to run; a function answers with what it returns. */
function scriptedPage(answers: ReadonlyMap<unknown, () => unknown>) {
  const asked: unknown[] = [];
  const sender = new Sender({
    isSynced: () => true,
    inPage: async (run, _argument, timeoutMs) => {
      asked.push({ run, timeoutMs });
      return (await answers.get(run)?.()) as never;
    },
    sendMs: 1_000,
  });
  return { sender, of: (run: unknown) => asked.filter((each) => (each as { run: unknown }).run === run) };
}
const reached = () => ({ chat: film.waChatId, isBlocked: false, about: null });

test("a file that WhatsApp takes minutes for is asked about again and again, each time shortly", async () => {
  const states = ["sending", "sending", "sent"];
  const answers = new Map<unknown, () => unknown>([
    [page.reach, reached],
    [findAck, () => null],
    [page.fileLimit, () => null],
    [page.awaitFile, () => states.shift()],
  ]);
  const { sender, of } = scriptedPage(answers);
  await sender.send(film);
  expect(states).toEqual([]);
  expect(of(page.beginFile)).toHaveLength(1);
  // Below what one question to the browser may take.
  expect(of(page.awaitFile)).toMatchObject(Array(3).fill({ timeoutMs: 21_000 }));
  expect(of(page.dropPieces)).toHaveLength(1);
});

test("a page that was loaded again meanwhile is told apart from a refusal: the file is sent later", async () => {
  const answers = new Map<unknown, () => unknown>([
    [page.reach, reached],
    [findAck, () => null],
    [page.fileLimit, () => null],
    [page.awaitFile, () => "unknown"],
  ]);
  await expect(scriptedPage(answers).sender.send(film)).rejects.toMatchObject({ kind: "transient" });
});

test("while an attempt is under way, whose caller gave up, the same message is not begun again", async () => {
  let taken: (state: string) => void = () => undefined;
  const answers = new Map<unknown, () => unknown>([
    [page.reach, reached],
    [findAck, () => null],
    [page.fileLimit, () => null],
    [page.awaitFile, () => new Promise((resolve) => (taken = resolve))],
  ]);
  const { sender, of } = scriptedPage(answers);
  const first = sender.send(film);
  await expect.poll(() => of(page.awaitFile)).toHaveLength(1);
  expect(await sender.find(film)).toBe("pending");
  await expect(sender.send(film)).rejects.toMatchObject({ kind: "transient" });
  expect(of(page.beginFile)).toHaveLength(1);
  taken("sent");
  await first;
  expect(await sender.find(film)).toBe("absent"); // asked of the page again
});
