import { describe, expect, test } from "vitest";
import { Addresses } from "../../../src/engines/wppconnect/inbound/addresses.ts";
import { Facts, statusOfAck } from "../../../src/engines/wppconnect/inbound/facts.ts";
import { VendorMessage } from "../../../src/engines/wppconnect/inbound/vendor.ts";
import { loginStateOf } from "../../../src/engines/wppconnect/login/login-state.ts";
import type { PageReading } from "../../../src/engines/wppconnect/page/account.ts";

const facts = (numbers: Record<string, string> = {}) => new Facts(new Addresses(async (lid) => numbers[lid] ?? null));
const vendorMessage = (message: object = {}) =>
  VendorMessage.parse({ id: "false_5511988887777@c.us_3EB01", type: "chat", t: 1_700_000_000, body: "oi", ...message });

describe("facts of the library's events", () => {
  test("accept an id as a string or an object, and use its key without the chat", async () => {
    const asText = await facts().message(vendorMessage());
    const asObject = await facts().message(
      vendorMessage({ id: { fromMe: false, id: "3EB01", _serialized: "false_5511988887777@c.us_3EB01" } }),
    );
    expect(asText).toMatchObject({ waKey: "3EB01", waChatId: "5511988887777@c.us", timestampMs: 1_700_000_000_000 });
    expect(asObject).toEqual(asText);
  });

  test.each([
    ["WhatsApp's own notice", { id: "false_0@c.us_3EB01" }],
    ["a message that is not decrypted yet", { type: "ciphertext" }],
    ["a notice for businesses", { type: "notification_template", subtype: "biz_intro_top", isNotification: true }],
    ["a revocation", { type: "revoked" }],
  ])("exclude %s", async (_what, message) => {
    expect(await facts().message(vendorMessage(message))).toBeUndefined();
  });

  test.each([
    ["a group", "120363000000000000@g.us"],
    ["a status", "status@broadcast"],
    ["a channel", "120363000000000001@newsletter"],
  ])("keep the chat id of %s, by which the pipeline excludes it", async (_what, chat) => {
    const message = vendorMessage({ id: `false_${chat}_3EB01_5511988887777@c.us` });
    expect(await facts().message(message)).toMatchObject({ waChatId: chat });
  });

  test.each([
    ["image", "image", "a legenda"],
    ["ptt", "voice", "a legenda"],
    ["document", "document", "a legenda"],
    ["location", "location", "Rua A, 1"],
    ["poll_creation", "poll", "Pizza?"],
    ["vcard", "contact", "a legenda"],
    ["product", "text", "a legenda"],
    ["hologram", "unknown", "a legenda"],
  ])("translate type %s to %s, and never use the thumbnail as text", async (type, kind, body) => {
    const message = { type, body: "/9j/4AAQ", caption: "a legenda", loc: "Rua A, 1", pollName: "Pizza?" };
    expect(await facts().message(vendorMessage(message))).toMatchObject({ type: kind, body });
  });

  test("take the client's name from the sender of incoming messages only", async () => {
    const sender = { name: null, pushname: "Ana" };
    expect(await facts().message(vendorMessage({ sender }))).toMatchObject({ client: { name: "Ana" } });
    expect(await facts().message(vendorMessage({ notifyName: "Aninha" }))).toMatchObject({
      client: { name: "Aninha" },
    });
    const outgoing = vendorMessage({ id: "true_5511988887777@c.us_3EB01", sender, ack: 1 });
    expect(await facts().message(outgoing)).toMatchObject({ direction: 1, status: "sent", client: { name: null } });
  });

  test("replace a LID by the phone number if WhatsApp knows it", async () => {
    const message = vendorMessage({ id: "false_88123456789012@lid_3EB01" });
    expect(await facts({ "88123456789012@lid": "5531966665555" }).message(message)).toMatchObject({
      waChatId: "5531966665555@c.us",
      client: { number: "5531966665555", lid: "88123456789012" },
    });
    expect(await facts().message(message)).toMatchObject({
      waChatId: "88123456789012@lid",
      client: { number: "88123456789012", lid: "88123456789012" },
    });
  });

  test("include receipts of outgoing messages only", async () => {
    expect([-1, 0, 1, 2, 3, 4, 5].map(statusOfAck)).toEqual([
      "failed",
      undefined,
      "sent",
      "delivered",
      "read",
      "played",
      undefined,
    ]);
    expect(await facts().ack({ id: "false_5511988887777@c.us_3EB01", ack: 3 })).toBeUndefined();
    expect(await facts().ack({ id: "true_5511988887777@c.us_3EB01", ack: 3 })).toMatchObject({
      status: "read",
      waKey: "3EB01",
    });
  });

  test("accept the time of a reaction in seconds or milliseconds", async () => {
    const reaction = (timestamp: number) =>
      facts().reaction({
        id: "true_5511988887777@c.us_3EB02",
        msgId: "false_5511988887777@c.us_3EB01",
        reactionText: "👍",
        timestamp,
      });
    expect(await reaction(1_700_000_000)).toEqual(await reaction(1_700_000_000_000));
    expect(await reaction(1_700_000_000)).toMatchObject({
      waChatId: "5511988887777@c.us",
      from: "company",
      emoji: "👍",
      timestampMs: 1_700_000_000_000,
    });
  });
});

describe("addresses", () => {
  test("cache the numbers of a limited number of LIDs, the last used ones", async () => {
    const lookedUp: string[] = [];
    const lookUpNumber = async (lid: string) => {
      lookedUp.push(lid);
      return "5531966665555";
    };
    const addresses = new Addresses(lookUpNumber, 2);
    for (const lid of ["1111111@lid", "2222222@lid", "1111111@lid", "3333333@lid"]) await addresses.resolve(lid);
    expect(lookedUp).toEqual(["1111111@lid", "2222222@lid", "3333333@lid"]);
    await addresses.resolve("1111111@lid");
    await addresses.resolve("2222222@lid");
    expect(lookedUp).toEqual(["1111111@lid", "2222222@lid", "3333333@lid", "2222222@lid"]);
  });
});

describe("the login state", () => {
  const reading = (change: Partial<PageReading> = {}): PageReading => ({
    isRegistered: true,
    lid: null,
    mode: "MAIN",
    info: "NORMAL",
    socket: "CONNECTED",
    isOnline: true,
    alert: null,
    showsPasskey: false,
    phoneNumber: "5511999990000",
    isListening: true,
    isHooked: true,
    ...change,
  });

  test("is connected only if the device is registered, online, in the main view, and has listeners", () => {
    expect(loginStateOf(reading(), false)).toEqual({ detail: "connected" });
    expect(loginStateOf(reading({ isListening: false }), false)?.detail).toBe("syncing");
    expect(loginStateOf(reading({ mode: "SYNCING", info: "SYNCING" }), false)?.detail).toBe("syncing");
    expect(loginStateOf(reading({ isRegistered: false, mode: "QR" }), false)).toBeUndefined();
  });

  test("distinguishes a lost, taken over, blocked and unlinked connection", () => {
    expect(loginStateOf(reading({ info: "OFFLINE" }), true)?.detail).toBe("reconnecting");
    expect(loginStateOf(reading({ mode: "CONFLICT" }), true)?.detail).toBe("conflict");
    expect(loginStateOf(reading({ mode: "TOS_BLOCK" }), true)?.detail).toBe("action_required");
    expect(loginStateOf(reading({ isRegistered: false, mode: "QR" }), true)?.detail).toBe("logged_out");
  });
});
