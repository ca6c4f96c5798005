import { EventEmitter } from "node:events";
import { createLogger } from "@syszap/platform";
import { afterEach, expect, test, vi } from "vitest";
import type { EngineFact } from "../../../src/engines/contract/engine.ts";
import { Addresses } from "../../../src/engines/wppconnect/inbound/addresses.ts";
import { EventTranslator } from "../../../src/engines/wppconnect/inbound/event-translator.ts";
import { Facts } from "../../../src/engines/wppconnect/inbound/facts.ts";
import { listSince } from "../../../src/engines/wppconnect/page/account.ts";

const chat = "5511960001842@c.us";
const key = (name: string) => `false_${chat}_3EB0${name}`;

function createTranslator(): { translator: EventTranslator; emitted: EngineFact[] } {
  const emitted: EngineFact[] = [];
  const addresses = new Addresses(async () => null);
  const listener = { fact: (fact: EngineFact) => emitted.push(fact) } as never;
  const log = createLogger({ service: "test", level: "silent" });
  return { translator: new EventTranslator(new Facts(addresses, () => false), addresses, listener, log), emitted };
}

/** Returns the facts of fetched messages. */
async function factsOf(messages: object[]): Promise<EngineFact[]> {
  const { translator, emitted } = createTranslator();
  await translator.refetched({ messages: messages });
  return emitted;
}

test("emits a missed edit after its message", async () => {
  const edited = {
    id: key("AA"),
    type: "chat",
    t: 1_760_000_000,
    body: "after",
    latestEditMsgKey: { _serialized: key("BB") },
    latestEditSenderTimestampMs: 1_760_000_060_000,
  };
  expect(await factsOf([edited])).toMatchObject([
    { kind: "message", waKey: "3EB0AA", body: "after" },
    { kind: "edit", waKey: "3EB0AA", editKey: "3EB0BB", body: "after", timestampMs: 1_760_000_060_000 },
  ]);
});

test("emits a missed revocation after a placeholder of its message", async () => {
  const deleted = { id: key("AA"), type: "revoked", t: 1_760_000_000, body: null };
  expect(await factsOf([deleted])).toMatchObject([
    { kind: "message", waKey: "3EB0AA", type: "unknown", body: "" },
    { kind: "revoke", waKey: "3EB0AA" },
  ]);
});

test("holds back the events of a loaded page until the time before was fetched", async () => {
  const { translator, emitted } = createTranslator();
  const listeners = new Map<string, (message: object) => void>();
  const handler = { get: (_: object, name: string) => (listener: never) => void listeners.set(name, listener) };
  const page = new EventEmitter();
  Object.assign(page, { exposeFunction: async () => undefined });
  await translator.attach(new Proxy({}, handler) as never, page as never, () => false);
  const message = (name: string) => ({ id: key(name), type: "chat", t: 1_760_000_000, body: name });
  const receive = (name: string) => listeners.get("onAnyMessage")?.(message(name));
  const bodies = () => expect.poll(() => emitted.map((fact) => fact.kind === "message" && fact.body));

  receive("BB");
  await translator.refetched({ messages: [message("AA")] });
  await bodies().toEqual(["AA", "BB"]);
  receive("CC");
  await bodies().toEqual(["AA", "BB", "CC"]);
  page.emit("domcontentloaded");
  receive("EE");
  await translator.refetched({ messages: [message("DD")] });
  await bodies().toEqual(["AA", "BB", "CC", "DD", "EE"]);
});

afterEach(() => vi.unstubAllGlobals());

function stubChat(properties: object, messages: object[]): void {
  const ChatStore = { getModelsArray: () => [{ id: chat, ...properties }] };
  vi.stubGlobal("WPP", { whatsapp: { ChatStore }, chat: { getMessages: async () => messages } });
  vi.stubGlobal("WAPI", { processMessageObj: ({ id }: { id: string }) => id });
}

const fetchedSince = async (since: { seconds: number; changesFromSeconds: number }) =>
  JSON.parse(await listSince({ ...since, maxPerChat: 10 })) as {
    messages: string[];
    changed: string[];
    reactions: unknown[];
  };

test("fetches unread messages with all messages of the same second and later", async () => {
  const mine = `true_${chat}_3EB0DD`;
  const messages = [
    { id: key("AA"), t: 100 },
    { id: key("BB"), t: 101 },
    { id: key("CC"), t: 101 },
    { id: mine, t: 102 },
  ];
  stubChat({ unreadCount: 1, t: 102 }, messages);
  const fetched = await fetchedSince({ seconds: 1_000, changesFromSeconds: 1_000 });
  expect(fetched).toEqual({ messages: [key("BB"), key("CC"), mine], changed: [], reactions: [] });
  expect((await fetchedSince({ seconds: 102, changesFromSeconds: 102 })).messages).toEqual(fetched.messages);
});

test("fetches only the changes of older messages, also in chats without new messages", async () => {
  const messages = [
    { id: key("AA"), t: 99 },
    { id: key("BB"), t: 100 },
    { id: key("CC"), t: 200 },
  ];
  stubChat({ unreadCount: 0, t: 200 }, messages);
  expect(await fetchedSince({ seconds: 200, changesFromSeconds: 100 })).toEqual({
    messages: [key("CC")],
    changed: [key("BB")],
    reactions: [],
  });
  expect(await fetchedSince({ seconds: 300, changesFromSeconds: 100 })).toEqual({
    messages: [],
    changed: [key("BB"), key("CC")],
    reactions: [],
  });
});

test("emits receipt, edit and revocation of a changed message, but not the message itself", async () => {
  const { translator, emitted } = createTranslator();
  const mine = { id: `true_${chat}_3EB0AA`, type: "chat", t: 1_760_000_000, body: "after", ack: 3 };
  const edited = { latestEditMsgKey: { _serialized: key("BB") }, latestEditSenderTimestampMs: 1_760_000_060_000 };
  const deleted = { id: key("CC"), type: "revoked", t: 1_760_000_000, body: null };
  await translator.refetched({ messages: [], changed: [{ ...mine, ...edited }, deleted] });
  expect(emitted).toMatchObject([
    { kind: "ack", waKey: "3EB0AA", status: "read" },
    { kind: "edit", waKey: "3EB0AA", body: "after" },
    { kind: "revoke", waKey: "3EB0CC" },
  ]);
});
