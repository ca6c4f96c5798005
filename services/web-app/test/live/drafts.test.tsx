import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { Drafts } from "../../src/live/drafts.ts";

beforeEach(() => localStorage.clear());

function draftsOf(userId: string): Drafts {
  const drafts = new Drafts();
  drafts.open(userId);
  return drafts;
}

/** What the next page of the user shows in a chat. */
const textAfterReload = (userId: string, chatId: string) => draftsOf(userId).get(chatId).text;

test("a text survives a reload, for its user and its chat only", () => {
  const drafts = draftsOf("ana");
  drafts.setText("chat", "bom d");
  drafts.setText("chat", "bom dia");
  drafts.flush();
  expect(textAfterReload("ana", "chat")).toBe("bom dia");
  expect(textAfterReload("ana", "other")).toBe("");
  expect(textAfterReload("bia", "chat")).toBe("");
});

test("a text that was sent or deleted does not come back", () => {
  const drafts = draftsOf("ana");
  drafts.setText("sent", "oi");
  drafts.setText("deleted", "oi");
  drafts.flush();
  expect(drafts.take("sent").text).toBe("oi");
  drafts.setText("deleted", "");
  drafts.flush();
  expect(textAfterReload("ana", "sent")).toBe("");
  expect(textAfterReload("ana", "deleted")).toBe("");
});

test("signing out removes every text from the device; a login that expires leaves them for the user", () => {
  const drafts = draftsOf("ana");
  drafts.setText("chat", "oi");
  drafts.clear();
  expect(drafts.get("chat").text).toBe("");
  expect(textAfterReload("ana", "chat")).toBe("oi");
  drafts.erase();
  expect(textAfterReload("ana", "chat")).toBe("");
});

test("files are kept while another chat is open", () => {
  const drafts = draftsOf("ana");
  const [photo, pdf] = [new File(["a"], "a.png"), new File(["b"], "b.pdf")];
  drafts.attach("chat", [photo]);
  drafts.attach("chat", [pdf]);
  const [first] = drafts.get("chat").files;
  drafts.detach("chat", first?.id ?? "");
  expect(drafts.get("chat").files.map(({ file }) => file)).toEqual([pdf]);
  expect(drafts.hasFiles).toBe(true);
});

test("a text that is written in another tab is shown", () => {
  const drafts = draftsOf("ana");
  const other = draftsOf("ana");
  other.setText("chat", "de outra aba");
  other.flush();
  const key = Object.keys(localStorage)[0] ?? "";
  drafts.onStorage({ key, newValue: localStorage.getItem(key) } as StorageEvent);
  expect(drafts.get("chat").text).toBe("de outra aba");
  drafts.onStorage({ key, newValue: null } as StorageEvent);
  expect(drafts.get("chat").text).toBe("");
  drafts.onStorage({ key: "syszap.draft.bia.chat", newValue: '{"text":"x","savedAtMs":1}' } as StorageEvent);
  expect(drafts.get("chat").text).toBe("");
});

test("the oldest texts make room when there are too many, or the device is full", () => {
  vi.useFakeTimers({ now: 0 });
  onTestFinished(() => void vi.useRealTimers());
  const drafts = draftsOf("ana");
  const write = (chatId: string, text: string) => {
    vi.advanceTimersByTime(1_000);
    drafts.setText(chatId, text);
    drafts.flush();
  };
  for (let chat = 0; chat <= 200; chat += 1) write(`${chat}`, "oi");
  expect(Object.keys(localStorage)).toHaveLength(200);
  expect(textAfterReload("ana", "0")).toBe("");
  expect(textAfterReload("ana", "200")).toBe("oi");
  write("long", "x".repeat(999_990));
  expect(textAfterReload("ana", "long")).toHaveLength(999_990);
  expect(Object.keys(localStorage).length).toBeLessThan(10);
});

test("what another program stored under the same name is ignored", () => {
  localStorage.setItem("syszap.draft.ana.chat", "no JSON");
  localStorage.setItem("syszap.draft.ana.other", '{"text":1}');
  expect(draftsOf("ana").store.get().size).toBe(0);
});
