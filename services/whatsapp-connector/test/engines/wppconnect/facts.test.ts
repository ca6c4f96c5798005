import { describe, expect, test } from "vitest";
import { Addresses } from "../../../src/engines/wppconnect/inbound/addresses.ts";
import { Facts, statusOfAck } from "../../../src/engines/wppconnect/inbound/facts.ts";
import { VendorMessage } from "../../../src/engines/wppconnect/inbound/vendor.ts";
import { loginStateOf } from "../../../src/engines/wppconnect/login/login-state.ts";
import type { PageReading } from "../../../src/engines/wppconnect/page/account.ts";

const facts = (phoneOf: Record<string, string> = {}) =>
  new Facts(new Addresses(async (lid) => phoneOf[lid] ?? null), () => false);
const vendorMessage = (message: object = {}) =>
  VendorMessage.parse({ id: "false_5511988887777@c.us_3EB01", type: "chat", t: 1_700_000_000, body: "oi", ...message });

describe("the library's tellings as facts", () => {
  test("an id may come as text or as an object, and the key is told without its chat", async () => {
    const asText = await facts().message(vendorMessage());
    const asObject = await facts().message(
      vendorMessage({ id: { fromMe: false, id: "3EB01", _serialized: "false_5511988887777@c.us_3EB01" } }),
    );
    expect(asText).toMatchObject({ waKey: "3EB01", waChatId: "5511988887777@c.us", timestampMs: 1_700_000_000_000 });
    expect(asObject).toEqual(asText);
  });

  test.each([
    ["WhatsApp's own notice", { id: "false_0@c.us_3EB01" }],
    ["what could not be decrypted yet", { type: "ciphertext" }],
    ["a notice in the chat", { type: "e2e_notification", isNotification: true }],
    ["a revocation", { type: "revoked" }],
  ])("%s is not a message of the inbox", async (_what, message) => {
    expect(await facts().message(vendorMessage(message))).toBeUndefined();
  });

  test.each([
    ["a group", "120363000000000000@g.us"],
    ["somebody's status", "status@broadcast"],
    ["a channel", "120363000000000001@newsletter"],
  ])("what %s says keeps its chat's id, by which the pipeline leaves it out", async (_what, chat) => {
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
    ["product", "unknown", "a legenda"],
  ])("%s is told as %s, and its thumbnail is never taken for its text", async (type, kind, body) => {
    const message = { type, body: "/9j/4AAQ", caption: "a legenda", loc: "Rua A, 1", pollName: "Pizza?" };
    expect(await facts().message(vendorMessage(message))).toMatchObject({ type: kind, body });
  });

  test("whoever wrote names the customer, save when it was us", async () => {
    const sender = { name: null, pushname: "Ana" };
    expect(await facts().message(vendorMessage({ sender }))).toMatchObject({ client: { name: "Ana" } });
    expect(await facts().message(vendorMessage({ notifyName: "Aninha" }))).toMatchObject({
      client: { name: "Aninha" },
    });
    const ours = vendorMessage({ id: "true_5511988887777@c.us_3EB01", sender, ack: 1 });
    expect(await facts().message(ours)).toMatchObject({ direction: 1, status: "sent", client: { name: null } });
  });

  test("an anonymous id becomes the phone number where WhatsApp tells it, and stays what it is where not", async () => {
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

  test("receipts are told for our own messages only, by name", async () => {
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

  test("a reaction's time may be in seconds or in milliseconds", async () => {
    const reaction = (timestamp: number) =>
      facts().reaction({
        ...{ id: "true_5511988887777@c.us_3EB02", msgId: "false_5511988887777@c.us_3EB01" },
        ...{ reactionText: "👍", timestamp },
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

describe("the login's state", () => {
  const reading = (change: Partial<PageReading> = {}): PageReading => ({
    ...{ isRegistered: true, mode: "MAIN", info: "NORMAL", socket: "CONNECTED", isOnline: true, alert: null },
    ...{ phoneNumber: "5511999990000", isListening: true, isHooked: true },
    ...change,
  });

  test("it is connected only when registered, in the main screen, on line, and heard", () => {
    expect(loginStateOf(reading(), false)).toEqual({ detail: "connected" });
    expect(loginStateOf(reading({ isListening: false }), false)?.detail).toBe("syncing");
    expect(loginStateOf(reading({ mode: "SYNCING", info: "SYNCING" }), false)?.detail).toBe("syncing");
    expect(loginStateOf(reading({ isRegistered: false, mode: "QR" }), false)).toBeUndefined();
  });

  test("what was connected is lost, taken over, blocked or unlinked, each by its own name", () => {
    expect(loginStateOf(reading({ info: "OFFLINE" }), true)?.detail).toBe("reconnecting");
    expect(loginStateOf(reading({ mode: "CONFLICT" }), true)?.detail).toBe("conflict");
    expect(loginStateOf(reading({ mode: "TOS_BLOCK" }), true)?.detail).toBe("action_required");
    expect(loginStateOf(reading({ isRegistered: false, mode: "QR" }), true)?.detail).toBe("logged_out");
  });
});
