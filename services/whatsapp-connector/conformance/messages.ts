import { naughtyStrings } from "@syszap/testing";
import { expect, test } from "vitest";
import { newKey } from "../test/support/recorded-events.ts";
import { ana, type Bench, bia, chatOf } from "./bench.ts";

const texts: [string, string][] = [
  ["lines, quotes and markup", "linha 1\nlinha 2\t\"aspas\" 'x' <b>&amp;</b> `a` \\n %s"],
  ["families, flags and skin tones", "👩‍👩‍👧‍👦 🇧🇷 👋🏽 ❤️‍🔥 1️⃣"],
  ["right to left, and marks that turn it", "שלום \u202Eabc\u202C مرحبا \u2067x\u2069"],
  ["stacked marks, far planes and unseen signs", "Z\u0351\u036B\u0343a\u0328\u0308 𝕏 𠮷 \u200B\u2060\uFEFFfim"],
  ["the longest text that may be sent", "ação ".repeat(13_107).slice(0, 65_535)],
];
const ranks = { failed: 0, sent: 1, delivered: 2, read: 3, played: 4 };

/** Texts, their ids and their receipts. */
export function messages(bench: () => Bench): void {
  test.for(texts)("texts arrive and leave unchanged: %s", async ([, body]) => {
    const { engine, heard, side } = bench();
    const waKey = side.receive({ from: ana, name: "Ana", body });
    const { client, timestampMs, ...told } = await heard.message(body);
    expect(told).toMatchObject({ waKey, waChatId: chatOf(ana), direction: 0, type: "text", isHistory: false });
    expect(client).toEqual({ number: ana, name: "Ana" });
    expect(Math.abs(timestampMs - Date.now())).toBeLessThan(60_000);
    const ours = newKey();
    await engine.send({ kind: "text", waKey: ours, waChatId: chatOf(ana), body });
    expect(side.sent.at(-1)).toEqual({ waKey: ours, number: ana, body });
  });

  test("all of the naughty strings arrive and leave unchanged", async () => {
    const { engine, heard, side } = bench();
    const keys = new Map(naughtyStrings.map((body) => [side.receive({ from: ana, body }), body]));
    const barrier = `barreira ${newKey()}`;
    side.receive({ from: ana, body: barrier });
    await heard.message(barrier);
    const told = heard.facts.all.flatMap((fact) =>
      fact.kind === "message" && keys.has(fact.waKey) ? [[fact.waKey, fact.body]] : [],
    );
    expect(told).toEqual([...keys]);
    const before = side.sent.length;
    for (const body of naughtyStrings)
      await engine.send({ kind: "text", waKey: newKey(), waChatId: chatOf(ana), body });
    expect(side.sent.slice(before).map(({ body }) => body)).toEqual(naughtyStrings);
  });

  test("a repeated id goes out once, and is not told as a message of somebody else", async () => {
    const { engine, heard, side } = bench();
    const message = { kind: "text" as const, waKey: newKey(), waChatId: chatOf(ana), body: "uma vez só" };
    await engine.send(message);
    await engine.send(message);
    side.receive({ from: ana, body: "barreira" });
    await heard.message("barreira");
    expect(side.sent.filter(({ waKey }) => waKey === message.waKey)).toHaveLength(1);
    expect(heard.facts.all.filter((fact) => fact.kind === "message" && fact.direction === 1)).toEqual([]);
  });

  test("receipts come up to read and never go back", async () => {
    const { engine, heard } = bench();
    const waKey = newKey();
    await engine.send({ kind: "text", waKey, waChatId: chatOf(ana), body: "leu?" });
    await heard.fact("ack", (fact) => fact.waKey === waKey && fact.status === "read");
    const told = heard.facts.all.flatMap((fact) => (fact.kind === "ack" && fact.waKey === waKey ? [fact] : []));
    const steps = told.map(({ status }) => ranks[status]);
    expect(steps).toEqual(steps.toSorted((one, other) => one - other));
    expect(told.every(({ direction }) => direction === 1)).toBe(true);
  });

  test("a message of ours is absent, then pending until WhatsApp takes it, then accepted", async () => {
    const { engine, side } = bench();
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

  test("a number without WhatsApp is refused for good", async () => {
    const { engine, side } = bench();
    const message = {
      kind: "text" as const,
      waKey: newKey(),
      waChatId: chatOf(side.numberWithoutWhatsApp),
      body: "alô?",
    };
    await expect(engine.send(message)).rejects.toMatchObject({ name: "SendError", kind: "permanent" });
  });

  test("what is written on the phone itself is told as ours", async () => {
    const { heard, side } = bench();
    const waKey = side.write({ to: bia, body: "respondi no celular" });
    expect(await heard.message("respondi no celular")).toMatchObject({
      ...{ waKey, direction: 1, waChatId: chatOf(bia) },
      client: { number: bia, name: null },
    });
  });

  test("what happened since a moment is told again on request", async () => {
    const { engine, heard, side } = bench();
    const sinceMs = Date.now() - 2_000;
    const waKey = side.receive({ from: bia, body: "de novo" });
    await heard.message("de novo");
    await engine.fetchSince(sinceMs, sinceMs);
    expect(await heard.message("de novo")).toMatchObject({ waKey, direction: 0 });
  });

  test("what became of older messages is told again on request, without the messages", async () => {
    const { engine, heard, side } = bench();
    const changesFromMs = Date.now() - 60_000;
    const waKey = side.receive({ from: bia, body: "gostou?" });
    await heard.message("gostou?");
    side.react(waKey, "👍🏽");
    const isIt = (fact: { waKey: string }) => fact.waKey === waKey;
    const first = await heard.fact("reaction", isIt);
    await engine.markRead(chatOf(bia)); // what is unread is told in any case
    await engine.fetchSince(Date.now() + 60_000, changesFromMs);
    side.receive({ from: bia, body: "o que veio depois" });
    expect(await heard.fact("reaction", isIt)).toEqual(first);
    await heard.message("o que veio depois");
    expect(heard.facts.all.filter((fact) => fact.kind === "message" && fact.waKey === waKey)).toHaveLength(1);
  });
}
