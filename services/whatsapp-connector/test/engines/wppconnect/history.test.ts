import { createLogger } from "@syszap/platform";
import { afterEach, expect, test, vi } from "vitest";
import type { EngineFact, EngineListener } from "../../../src/engines/contract/engine.ts";
import { Addresses } from "../../../src/engines/wppconnect/inbound/addresses.ts";
import { EventTranslator } from "../../../src/engines/wppconnect/inbound/event-translator.ts";
import { Facts } from "../../../src/engines/wppconnect/inbound/facts.ts";
import { Groups } from "../../../src/engines/wppconnect/inbound/groups/groups.ts";
import { listChats, readHistory } from "../../../src/engines/wppconnect/page/history.ts";

const chat = "5511960001842@c.us";
const key = (name: string) => `false_${chat}_3EB0${name}`;

function createTranslator(listener: Partial<EngineListener> = {}): EventTranslator {
  const addresses = new Addresses(async () => null);
  const log = createLogger({ service: "test", level: "silent" });
  const groups = new Groups(addresses, async () => null);
  return new EventTranslator({ facts: new Facts(addresses), addresses, groups }, listener as EngineListener, log);
}

/** Returns the facts of messages that were read from a chat's past. */
const factsOf = (messages: object[], changed: object[] = []): Promise<EngineFact[]> =>
  createTranslator().translate({ messages, changed, reactions: [], votes: [] });

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

test("emits a placeholder of a live message that was deleted before the page reported it", async () => {
  const listeners = new Map<string, (payload: object) => void>();
  const client = new Proxy({}, { get: (_, name: string) => (listener: () => void) => listeners.set(name, listener) });
  const facts: EngineFact[] = [];
  const translator = createTranslator({ fact: (fact) => facts.push(fact) });
  await translator.attach(client as never, { exposeFunction: async () => undefined } as never, () => false);
  listeners.get("onAnyMessage")?.({ id: key("AA"), type: "revoked", t: 1_760_000_000, body: null });
  listeners.get("onRevokedMessage")?.({ refId: key("AA") });
  await expect
    .poll(() => facts)
    .toMatchObject([
      { kind: "message", waKey: "3EB0AA", type: "unknown", body: "" },
      { kind: "revoke", waKey: "3EB0AA" },
    ]);
});

test("emits a vote that was cast while nobody listened, whether its poll is new or older", async () => {
  const poll = { id: `true_${chat}_3EB0AA`, type: "poll_creation", t: 1_760_000_000, ack: 1 };
  const options = { pollName: "Qual dia?", pollOptions: [{ name: "Seg" }, { name: "Ter" }] };
  const votes = [
    { msgId: poll.id, selectedOptions: [null, { name: "Ter" }], timestamp: 1_760_000_090_000, sender: chat },
  ];
  for (const [messages, changed] of [
    [[{ ...poll, ...options }], []],
    [[], [{ ...poll, ...options }]],
  ] as const) {
    const facts = await createTranslator().translate({
      messages: [...messages],
      changed: [...changed],
      reactions: [],
      votes,
    });
    expect(facts.at(-1)).toMatchObject({
      ...{ kind: "vote", waKey: "3EB0AA", direction: 1, from: "client" },
      ...{ options: ["Ter"], timestampMs: 1_760_000_090_000 },
    });
  }
});

test("emits the last position of a live location that is still shared, or has ended", async () => {
  const live = { id: key("AA"), type: "location", t: 1_760_000_000, lat: -23.5, lng: -46.6, isLive: true };
  const ended = { ...live, id: key("BB"), isLive: false, finalLat: -23.4, finalLng: -46.5 };
  expect(await factsOf([], [live, ended, { ...live, id: key("CC"), isLive: false }])).toMatchObject([
    { kind: "location", waKey: "3EB0AA", latitude: -23.5, longitude: -46.6, hasEnded: false },
    { kind: "location", waKey: "3EB0BB", latitude: -23.4, longitude: -46.5, hasEnded: true },
  ]);
});

afterEach(() => vi.unstubAllGlobals());

interface Stub {
  id: string;
  t: number;
  type?: string;
}

/** A page with one chat whose messages are these, oldest first. Returns the ids that were used as anchors. */
function stubChat(messages: Stub[]): void {
  const getMessages = async (_chat: string, { count, id }: { count: number; id?: string }) => {
    const end = id === undefined ? messages.length : messages.findIndex((message) => message.id === id);
    return messages.slice(Math.max(0, end - count), Math.max(0, end));
  };
  const find = (id: string) => messages.find((message) => message.id === id);
  const getMessageById = async (id: string) => {
    if (!find(id)) throw new Error("not found");
  };
  const getVotes = async (id: string) => ({
    votes: [{ selectedOptions: [undefined, { name: "b" }], timestamp: 5, sender: id }],
  });
  vi.stubGlobal("WPP", {
    whatsapp: { MsgStore: { get: find } },
    chat: { get: () => ({ id: chat }), getMessages, getMessageById, getVotes },
  });
  vi.stubGlobal("WAPI", { processMessageObj: ({ id }: { id: string }) => id });
}

interface Read {
  messages: string[];
  changed: string[];
  before: string | null;
  unread: number;
}
const bounds = {
  chat,
  before: null as string | null,
  unread: 0,
  seconds: 0,
  changesFromSeconds: 0,
  count: 10,
  maxCount: 40,
};
const read = async (wanted: Partial<typeof bounds> = {}) =>
  JSON.parse(await readHistory({ ...bounds, ...wanted })) as Read;

/** Reads part after part. Returns the messages of each. */
async function readAll(wanted: Partial<typeof bounds> = {}): Promise<string[][]> {
  const parts: string[][] = [];
  let before: string | null = null;
  do {
    const part = await read({ ...wanted, before });
    parts.push(part.messages);
    before = part.before;
  } while (before !== null);
  return parts;
}

const at = (t: number, index: number): Stub => ({ id: key(`${t}-${index}`), t });

test("reads unread messages with all messages of the same second and later", async () => {
  const mine = { id: `true_${chat}_3EB0DD`, t: 102 };
  const messages = [at(100, 0), at(101, 1), at(101, 2), mine];
  stubChat(messages);
  const future = { seconds: 1_000, changesFromSeconds: 1_000 };
  const expected = messages.slice(1).map(({ id }) => id);
  expect(await read({ ...future, unread: 1 })).toMatchObject({ messages: expected, changed: [], unread: 0 });
  expect((await read({ seconds: 102, changesFromSeconds: 102, unread: 1 })).messages).toEqual(expected);
});

test("reads only the changes of older messages", async () => {
  stubChat([at(99, 0), at(100, 1), at(200, 2)]);
  expect(await read({ seconds: 200, changesFromSeconds: 100 })).toMatchObject({
    messages: [key("200-2")],
    changed: [key("100-1")],
  });
});

test("reads the votes in polls", async () => {
  const poll = { ...at(100, 0), type: "poll_creation" };
  stubChat([poll, at(101, 1)]);
  const votes = [{ msgId: poll.id, selectedOptions: [null, { name: "b" }], timestamp: 5, sender: poll.id }];
  expect(await read()).toMatchObject({ votes });
  expect(await read({ seconds: 101 })).toMatchObject({ changed: [poll.id], votes });
});

test("reads a chat in parts that never divide a second, and every message once", async () => {
  const seconds = [...Array(7).fill(100), ...Array(3).fill(101), 102, ...Array(25).fill(103), ...Array(9).fill(104)];
  const messages = seconds.map((t, index) => at(t, index));
  stubChat(messages);
  const parts = await readAll();
  expect(parts.toReversed().flat()).toEqual(messages.map(({ id }) => id));
  const secondsOf = (part: string[]) => new Set(messages.filter(({ id }) => part.includes(id)).map(({ t }) => t));
  for (const [index, part] of parts.entries())
    for (const other of parts.slice(index + 1))
      expect([...secondsOf(part)].filter((t) => secondsOf(other).has(t))).toEqual([]);
});

test("ends at the beginning of the time span, and reads on while messages are unread", async () => {
  const messages = Array.from({ length: 60 }, (_, index) => at(100 + index, index));
  stubChat(messages);
  expect((await readAll({ seconds: 155, changesFromSeconds: 155 })).flat()).toHaveLength(5);
  const part = await read({ seconds: 155, changesFromSeconds: 155, unread: 30 });
  expect(part).toMatchObject({ unread: 21, before: key("151-51") });
  expect(part.messages).toHaveLength(9);
});

test("begins again when the message at which the last part ended was deleted", async () => {
  const messages = Array.from({ length: 30 }, (_, index) => at(100 + index, index));
  stubChat(messages);
  expect((await read({ before: key("deleted") })).messages.at(-1)).toBe(messages.at(-1)?.id);
});

test("refuses a second read while one runs, which a timed-out call may have left behind", async () => {
  stubChat([at(100, 0)]);
  const first = read();
  await expect(read()).rejects.toThrow("still runs");
  await first;
  expect((await read()).messages).toHaveLength(1);
});

test("emits receipt, edit and revocation of a changed message, but not the message itself", async () => {
  const mine = { id: `true_${chat}_3EB0AA`, type: "chat", t: 1_760_000_000, body: "after", ack: 3 };
  const edited = { latestEditMsgKey: { _serialized: key("BB") }, latestEditSenderTimestampMs: 1_760_000_060_000 };
  const deleted = { id: key("CC"), type: "revoked", t: 1_760_000_000, body: null };
  expect(await factsOf([], [{ ...mine, ...edited }, deleted])).toMatchObject([
    { kind: "ack", waKey: "3EB0AA", status: "read" },
    { kind: "edit", waKey: "3EB0AA", body: "after" },
    { kind: "revoke", waKey: "3EB0CC" },
  ]);
});

test("lists chats with their number, and tells marks by hand from read chats", async () => {
  const models = [
    { id: chat, t: 100, unreadCount: 2 },
    { id: "88000000000001@lid", t: 101, unreadCount: 0 },
    { id: "88000000000002@lid", t: 102, unreadCount: -1 },
    { id: "120363000000000000@g.us", t: 103, unreadCount: 1 },
  ];
  const getPnLidEntry = async (id: string) => {
    if (id === "88000000000002@lid") throw new Error("getPnLidEntry");
    return { phoneNumber: { id: "5511960001843" } };
  };
  const whatsapp = { ChatStore: { getModelsArray: () => models } };
  vi.stubGlobal("WPP", { contact: { getPnLidEntry }, whatsapp });
  expect(await listChats()).toEqual([
    { chat, waChatId: chat, newestMs: 100_000, unread: 2, isMarkedUnread: false },
    {
      chat: "88000000000001@lid",
      waChatId: "5511960001843@c.us",
      newestMs: 101_000,
      unread: 0,
      isMarkedUnread: false,
    },
    {
      chat: "88000000000002@lid",
      waChatId: "88000000000002@lid",
      newestMs: 102_000,
      unread: 0,
      isMarkedUnread: true,
    },
    {
      chat: "120363000000000000@g.us",
      waChatId: "120363000000000000@g.us",
      newestMs: 103_000,
      unread: 1,
      isMarkedUnread: false,
    },
  ]);
});
