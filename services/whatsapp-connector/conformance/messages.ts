import { naughtyStrings } from "@syszap/testing";
import { expect, test } from "vitest";
import { newKey } from "../test/support/recorded-events.ts";
import { readParts } from "../test/support/recover.ts";
import { ana, bia, type ConformanceSession, chatOf } from "./conformance-session.ts";

const texts: [string, string][] = [
  ["lines, quotes and markup", "linha 1\nlinha 2\t\"aspas\" 'x' <b>&amp;</b> `a` \\n %s"],
  ["families, flags and skin tones", "👩‍👩‍👧‍👦 🇧🇷 👋🏽 ❤️‍🔥 1️⃣"],
  ["right-to-left text and direction marks", "שלום \u202Eabc\u202C مرحبا \u2067x\u2069"],
  [
    "combining marks, supplementary planes and invisible characters",
    "Z\u0351\u036B\u0343a\u0328\u0308 𝕏 𠮷 \u200B\u2060\uFEFFfim",
  ],
  ["a text of the maximum length", "ação ".repeat(13_107).slice(0, 65_535)],
];
const ranks = { failed: 0, sent: 1, delivered: 2, read: 3, played: 4 };

/** Text messages, their ids and their receipts. */
export function messages(session: () => ConformanceSession): void {
  test.for(texts)("transfers a text unchanged in both directions: %s", async ([, body]) => {
    const { engine, events, side } = session();
    const waKey = side.receive({ from: ana, name: "Ana", body });
    const { client, timestampMs, ...message } = await events.message(body);
    expect(message).toMatchObject({ waKey, waChatId: chatOf(ana), direction: 0, type: "text", isHistory: false });
    expect(client).toEqual({ number: ana, name: "Ana" });
    expect(Math.abs(timestampMs - Date.now())).toBeLessThan(60_000);
    const sentKey = newKey();
    await engine.send({ kind: "text", waKey: sentKey, waChatId: chatOf(ana), body });
    expect(side.sent.at(-1)).toEqual({ waKey: sentKey, number: ana, body });
  });

  test("reports the user name of a client with its message", async () => {
    const { events, side } = session();
    side.receive({ from: bia, name: "Bia", username: "bia.doces", body: "com nome de usuário" });
    const { client } = await events.message("com nome de usuário");
    expect(client).toEqual({ number: bia, name: "Bia", username: "bia.doces" });
  });

  test("transfers all of the naughty strings unchanged in both directions", async () => {
    const { engine, events, side } = session();
    const keys = new Map(naughtyStrings.map((body) => [side.receive({ from: ana, body }), body]));
    const barrier = `barreira ${newKey()}`;
    side.receive({ from: ana, body: barrier });
    await events.message(barrier);
    const received = events.facts.all.flatMap((fact) =>
      fact.kind === "message" && keys.has(fact.waKey) ? [[fact.waKey, fact.body]] : [],
    );
    expect(received).toEqual([...keys]);
    const before = side.sent.length;
    for (const body of naughtyStrings)
      await engine.send({ kind: "text", waKey: newKey(), waChatId: chatOf(ana), body });
    expect(side.sent.slice(before).map(({ body }) => body)).toEqual(naughtyStrings);
  });

  test("sends a repeated id once, and does not emit it as a message from the phone", async () => {
    const { engine, events, side } = session();
    const message = { kind: "text" as const, waKey: newKey(), waChatId: chatOf(ana), body: "uma vez só" };
    await engine.send(message);
    await engine.send(message);
    side.receive({ from: ana, body: "barreira" });
    await events.message("barreira");
    expect(side.sent.filter(({ waKey }) => waKey === message.waKey)).toHaveLength(1);
    expect(events.facts.all.filter((fact) => fact.kind === "message" && fact.direction === 1)).toEqual([]);
  });

  test("emits receipts up to read, in ascending order", async () => {
    const { engine, events } = session();
    const waKey = newKey();
    await engine.send({ kind: "text", waKey, waChatId: chatOf(ana), body: "leu?" });
    await events.fact("ack", (fact) => fact.waKey === waKey && fact.status === "read");
    const acks = events.facts.all.flatMap((fact) => (fact.kind === "ack" && fact.waKey === waKey ? [fact] : []));
    const steps = acks.map(({ status }) => ranks[status]);
    expect(steps).toEqual(steps.toSorted((one, other) => one - other));
    expect(acks.every(({ direction }) => direction === 1)).toBe(true);
  });

  test("finds a message as absent, then pending, then accepted by WhatsApp", async () => {
    const { engine, side } = session();
    const message = { kind: "text" as const, waKey: newKey(), waChatId: chatOf(ana), body: "demorou" };
    const find = () => engine.find(message);
    expect(await find()).toBe("absent");
    side.hold();
    const sending = engine.send(message);
    await expect.poll(find).toBe("pending");
    side.release();
    await sending;
    expect(await find()).toBe("accepted");
  });

  test("a number without WhatsApp is refused permanently", async () => {
    const { engine, side } = session();
    const message = {
      kind: "text" as const,
      waKey: newKey(),
      waChatId: chatOf(side.numberWithoutWhatsApp),
      body: "alô?",
    };
    await expect(engine.send(message)).rejects.toMatchObject({ name: "SendError", kind: "permanent" });
  });

  test("emits a message that was written on the phone as outgoing", async () => {
    const { events, side } = session();
    const waKey = side.write({ to: bia, body: "respondi no celular" });
    expect(await events.message("respondi no celular")).toMatchObject({
      waKey,
      direction: 1,
      waChatId: chatOf(bia),
      client: { number: bia, name: null },
    });
  });

  test("reads a long chat in several parts, oldest first in each, without a missing or repeated message", async () => {
    const { engine, events, side } = session();
    const sinceMs = Date.now() - 2_000;
    const keys = Array.from({ length: 130 }, (_, at) => side.receive({ from: ana, body: `longa ${at}` }));
    await events.message("longa 129");
    const parts = await readParts(engine, { sinceMs, changesFromMs: sinceMs });
    const read = parts.map((facts) => facts.flatMap((fact) => (fact.kind === "message" ? [fact.waKey] : [])));
    expect(
      read
        .toReversed()
        .flat()
        .filter((key) => keys.includes(key)),
    ).toEqual(keys);
  });

  test("emits the messages since a given time again on request", async () => {
    const { engine, events, side } = session();
    const sinceMs = Date.now() - 2_000;
    const waKey = side.receive({ from: bia, body: "de novo" });
    await events.message("de novo");
    const facts = await readAll(engine, { sinceMs, changesFromMs: sinceMs });
    const again = facts.filter((fact) => fact.kind === "message" && fact.waKey === waKey);
    expect(again).toMatchObject([{ body: "de novo", direction: 0, waChatId: chatOf(bia) }]);
  });

  test("emits the changes of older messages again on request, without the messages", async () => {
    const { engine, events, side } = session();
    const changesFromMs = Date.now() - 60_000;
    const waKey = side.receive({ from: bia, body: "gostou?" });
    await events.message("gostou?");
    side.react(waKey, "👍🏽");
    const matches = (fact: { waKey: string }) => fact.waKey === waKey;
    const first = await events.fact("reaction", matches);
    await engine.markRead(chatOf(bia)); // unread messages are always emitted
    const facts = await readAll(engine, { sinceMs: Date.now() + 60_000, changesFromMs });
    expect(facts.filter((fact) => "waKey" in fact && matches(fact))).toEqual([first]);
  });
}

const readAll = async (...of: Parameters<typeof readParts>) => (await readParts(...of)).flat();
