import { EventEmitter } from "node:events";
import { createLogger } from "@syszap/platform";
import { afterEach, expect, test, vi } from "vitest";
import type { EngineFact } from "../src/engines/engine.ts";
import { Addresses } from "../src/engines/wppconnect/addresses.ts";
import { Facts } from "../src/engines/wppconnect/facts.ts";
import { Hearing } from "../src/engines/wppconnect/hearing.ts";
import { listSince } from "../src/engines/wppconnect/page-side.ts";

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
  await hearing.refetched(messages);
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
  await hearing.refetched([message("AA")]);
  await bodies().toEqual(["AA", "BB"]);
  hear("CC");
  await bodies().toEqual(["AA", "BB", "CC"]);
  page.emit("domcontentloaded");
  hear("EE");
  await hearing.refetched([message("DD")]);
  await bodies().toEqual(["AA", "BB", "CC", "DD", "EE"]);
});

afterEach(() => vi.unstubAllGlobals());

test("what is unread is fetched with all of its second, whoever wrote meanwhile", async () => {
  const mine = `true_${chat}_3EB0DD`;
  const messages = [
    { id: key("AA"), t: 100 },
    { id: key("BB"), t: 101 },
    { id: key("CC"), t: 101 },
    { id: mine, t: 102 },
  ];
  const ChatStore = { getModelsArray: () => [{ id: chat, unreadCount: 1, t: 102 }] };
  vi.stubGlobal("WPP", { whatsapp: { ChatStore }, chat: { getMessages: async () => messages } });
  vi.stubGlobal("WAPI", { processMessageObj: ({ id }: { id: string }) => id });
  const fetched = JSON.parse(await listSince({ seconds: 1_000, mostPerChat: 10 }));
  expect(fetched).toEqual([key("BB"), key("CC"), mine]);
  expect(JSON.parse(await listSince({ seconds: 102, mostPerChat: 10 }))).toEqual([key("BB"), key("CC"), mine]);
});
