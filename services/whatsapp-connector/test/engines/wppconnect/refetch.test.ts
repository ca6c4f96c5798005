import { EventEmitter } from "node:events";
import { createLogger } from "@syszap/platform";
import { afterEach, expect, test, vi } from "vitest";
import type { EngineFact } from "../../../src/engines/contract/engine.ts";
import { Addresses } from "../../../src/engines/wppconnect/inbound/addresses.ts";
import { Hearing } from "../../../src/engines/wppconnect/inbound/event-translator.ts";
import { Facts } from "../../../src/engines/wppconnect/inbound/facts.ts";
import { listSince } from "../../../src/engines/wppconnect/page/account.ts";

const chat = "5511960001842@c.us";
const key = (name: string) => `false_${chat}_3EB0${name}`;

function newHearing(): { hearing: Hearing; told: EngineFact[] } {
  const told: EngineFact[] = [];
  const addresses = new Addresses(async () => null);
  const listener = { fact: (fact: EngineFact) => told.push(fact) } as never;
  const log = createLogger({ service: "test", level: "silent" });
  return { hearing: new Hearing(new Facts(addresses, () => false), addresses, listener, log), told };
}

/** What is told of messages that WhatsApp's page had when it was asked. */
async function toldOf(messages: object[]): Promise<EngineFact[]> {
  const { hearing, told } = newHearing();
  await hearing.refetched({ told: messages });
  return told;
}

test("an edit that nobody heard is told with its message", async () => {
  const edited = {
    ...{ id: key("AA"), type: "chat", t: 1_760_000_000, body: "after" },
    ...{ latestEditMsgKey: { _serialized: key("BB") }, latestEditSenderTimestampMs: 1_760_000_060_000 },
  };
  expect(await toldOf([edited])).toMatchObject([
    { kind: "message", waKey: "3EB0AA", body: "after" },
    { kind: "edit", waKey: "3EB0AA", editKey: "3EB0BB", body: "after", timestampMs: 1_760_000_060_000 },
  ]);
});

test("a deletion that nobody heard is told after the message's place, so that it finds one", async () => {
  const deleted = { id: key("AA"), type: "revoked", t: 1_760_000_000, body: null };
  expect(await toldOf([deleted])).toMatchObject([
    { kind: "message", waKey: "3EB0AA", type: "unknown", body: "" },
    { kind: "revoke", waKey: "3EB0AA" },
  ]);
});

test("what a page told before its past was fetched is told after it, each time it is loaded", async () => {
  const { hearing, told } = newHearing();
  const heard = new Map<string, (message: object) => void>();
  const listening = { get: (_: object, name: string) => (listen: never) => void heard.set(name, listen) };
  const page = new EventEmitter();
  Object.assign(page, { exposeFunction: async () => undefined });
  await hearing.attach(new Proxy({}, listening) as never, page as never, () => false);
  const message = (name: string) => ({ id: key(name), type: "chat", t: 1_760_000_000, body: name });
  const hear = (name: string) => heard.get("onAnyMessage")?.(message(name));
  const bodies = () => expect.poll(() => told.map((fact) => fact.kind === "message" && fact.body));

  hear("BB");
  await hearing.refetched({ told: [message("AA")] });
  await bodies().toEqual(["AA", "BB"]);
  hear("CC");
  await bodies().toEqual(["AA", "BB", "CC"]);
  page.emit("domcontentloaded");
  hear("EE");
  await hearing.refetched({ told: [message("DD")] });
  await bodies().toEqual(["AA", "BB", "CC", "DD", "EE"]);
});

afterEach(() => vi.unstubAllGlobals());

function haveChat(about: object, messages: object[]): void {
  const ChatStore = { getModelsArray: () => [{ id: chat, ...about }] };
  vi.stubGlobal("WPP", { whatsapp: { ChatStore }, chat: { getMessages: async () => messages } });
  vi.stubGlobal("WAPI", { processMessageObj: ({ id }: { id: string }) => id });
}
const fetchedSince = async (since: { seconds: number; changesFromSeconds: number }) =>
  JSON.parse(await listSince({ ...since, mostPerChat: 10 })) as {
    told: string[];
    changed: string[];
    reactions: unknown[];
  };

test("what is unread is fetched with all of its second, whoever wrote meanwhile", async () => {
  const mine = `true_${chat}_3EB0DD`;
  const messages = [
    { id: key("AA"), t: 100 },
    { id: key("BB"), t: 101 },
    { id: key("CC"), t: 101 },
    { id: mine, t: 102 },
  ];
  haveChat({ unreadCount: 1, t: 102 }, messages);
  const fetched = await fetchedSince({ seconds: 1_000, changesFromSeconds: 1_000 });
  expect(fetched).toEqual({ told: [key("BB"), key("CC"), mine], changed: [], reactions: [] });
  expect((await fetchedSince({ seconds: 102, changesFromSeconds: 102 })).told).toEqual(fetched.told);
});

test("of older messages only what became of them is fetched, also in chats where nobody wrote since", async () => {
  const messages = [
    { id: key("AA"), t: 99 },
    { id: key("BB"), t: 100 },
    { id: key("CC"), t: 200 },
  ];
  haveChat({ unreadCount: 0, t: 200 }, messages);
  expect(await fetchedSince({ seconds: 200, changesFromSeconds: 100 })).toEqual({
    told: [key("CC")],
    changed: [key("BB")],
    reactions: [],
  });
  expect(await fetchedSince({ seconds: 300, changesFromSeconds: 100 })).toEqual({
    told: [],
    changed: [key("BB"), key("CC")],
    reactions: [],
  });
});

test("of a message that is only looked at again, its ticks, its edit and its deletion are told, and not the message", async () => {
  const { hearing, told } = newHearing();
  const mine = { id: `true_${chat}_3EB0AA`, type: "chat", t: 1_760_000_000, body: "after", ack: 3 };
  const edited = { latestEditMsgKey: { _serialized: key("BB") }, latestEditSenderTimestampMs: 1_760_000_060_000 };
  const deleted = { id: key("CC"), type: "revoked", t: 1_760_000_000, body: null };
  await hearing.refetched({ told: [], changed: [{ ...mine, ...edited }, deleted] });
  expect(told).toMatchObject([
    { kind: "ack", waKey: "3EB0AA", status: "read" },
    { kind: "edit", waKey: "3EB0AA", body: "after" },
    { kind: "revoke", waKey: "3EB0CC" },
  ]);
});
