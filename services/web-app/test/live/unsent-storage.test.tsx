import { beforeEach, expect, test } from "vitest";
import { ApiError } from "../../src/api/api-error.ts";
import type { Outgoing } from "../../src/live/outgoing.ts";
import { UnsentStorage } from "../../src/live/unsent-storage.ts";

beforeEach(() => sessionStorage.clear());

const aPending = (overrides: Partial<Outgoing> = {}): Outgoing => ({
  key: "k1",
  chatId: "chat",
  body: "oi",
  createdAt: new Date().toISOString(),
  progress: 0,
  failure: undefined,
  isInConversation: false,
  ...overrides,
});

/** What the page finds after it was reloaded with these messages. */
function reloadWith(...messages: Outgoing[]) {
  const before = new UnsentStorage();
  before.open("ana");
  before.save(messages);
  return new UnsentStorage().open("ana");
}

test("a message that was being sent is sent after a reload with the same key", () => {
  const { messages } = reloadWith(aPending({ media: { id: "m" } }));
  expect(messages).toMatchObject([{ key: "k1", body: "oi", media: { id: "m" }, failure: undefined }]);
});

test("a message that had failed, or that is old, waits for the user", () => {
  const refused = new ApiError(409, { detail: "removed" });
  const createdAt = new Date(Date.now() - 3_600_000).toISOString();
  const { messages } = reloadWith(aPending({ failure: refused }), aPending({ key: "k2", createdAt }));
  expect(messages.map(({ failure, waitsForUser }) => [failure?.status, failure?.problem.detail, waitsForUser])).toEqual(
    [
      [409, "removed", false],
      [0, undefined, true],
    ],
  );
});

test("the caption of a file that was not uploaded becomes a draft, because a reload loses the file", () => {
  const { messages, texts } = reloadWith(aPending({ file: new File(["a"], "a.png") }));
  expect(messages).toEqual([]);
  expect(texts).toEqual([{ chatId: "chat", text: "oi" }]);
});

test("nothing is left after everything was sent, for another user, and after signing out", () => {
  const storage = new UnsentStorage();
  storage.open("ana");
  storage.save([aPending()]);
  expect(new UnsentStorage().open("bia").messages).toEqual([]);
  storage.save([aPending({ isInConversation: true })]);
  expect(new UnsentStorage().open("ana").messages).toEqual([]);
  storage.save([aPending()]);
  storage.erase();
  expect(new UnsentStorage().open("ana").messages).toEqual([]);
});

test("a login that expires keeps what was stored", () => {
  const storage = new UnsentStorage();
  storage.open("ana");
  storage.save([aPending()]);
  storage.close();
  storage.save([]); // the page is cleared
  expect(new UnsentStorage().open("ana").messages).toHaveLength(1);
});
