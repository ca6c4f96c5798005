import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Outgoing, OutgoingFile } from "../src/engines/contract/engine.ts";
import { newKey } from "../test/support/recorded-events.ts";
import { ana, bia, type ConformanceSession, chatOf } from "./conformance-session.ts";

const to = (number: string) => ({ waKey: newKey(), waChatId: chatOf(number) });
const outgoing = (waKey: string) => ({ waKey, direction: 1 as const });
const incoming = (waKey: string) => ({ waKey, direction: 0 as const });
const blocked = "5531966665555";
const hourMs = 3_600_000;

const mother = {
  name: "Mãe, a própria; \\o/",
  organisation: "Padaria São João",
  numbers: [
    { text: "+55 11 98888-7777", whatsAppNumber: "5511988887777" },
    { text: "(11) 3333-4444", whatsAppNumber: null },
  ],
};
const shop = { name: "Loja", organisation: null, numbers: [{ text: "+55 21 97777-6666", whatsAppNumber: null }] };

/** The size of the pieces differs from every size that a reader uses. */
function fileOf(bytes: Buffer, about: { mimeType: string; fileName: string | null }): OutgoingFile {
  return {
    ...about,
    sizeBytes: bytes.length,
    async *open() {
      for (let start = 0; start < bytes.length; start += 100_001) yield bytes.subarray(start, start + 100_001);
    },
  };
}

const hashOf = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

/** All outbound operations except plain texts. */
export function sending(session: () => ConformanceSession): void {
  const sendText = async (body: string): Promise<string> => {
    const { waKey, waChatId } = to(ana);
    await session().engine.send({ kind: "text", waKey, waChatId, body });
    return waKey;
  };
  const expectRefusal = (operation: Outgoing, reason: string) =>
    expect(session().engine.send(operation)).rejects.toMatchObject({ name: "SendError", kind: "permanent", reason });

  test("sends an answer with the quoted message, incoming or outgoing", async () => {
    const { engine, events, side } = session();
    const question = side.receive({ from: ana, body: "tem bolo?" });
    await events.message("tem bolo?");
    const first = to(ana);
    await engine.send({ kind: "text", ...first, body: "tem", quoted: incoming(question) });
    expect(side.sent.at(-1)).toEqual({ waKey: first.waKey, number: ana, body: "tem", quoted: question });
    await engine.send({ kind: "text", ...to(ana), body: "de cenoura", quoted: outgoing(first.waKey) });
    expect(side.sent.at(-1)?.quoted).toBe(first.waKey);
  });

  test.for([
    ["image", "image/png", "foto.png"],
    ["video", "video/mp4", "filme.mp4"],
    ["audio", "audio/mpeg", "som.mp3"],
    ["voice", "audio/ogg", null],
    ["document", "application/pdf", "Cardápio de março.pdf"],
    ["sticker", "image/webp", null],
  ] as const)("sends a file as %s, byte for byte, with its caption", async ([as, mimeType, fileName]) => {
    const { engine, side } = session();
    const bytes = Buffer.alloc(1_200_007, as);
    const operation: Outgoing = {
      kind: "media",
      ...to(ana),
      as,
      caption: "olha só",
      file: fileOf(bytes, { mimeType, fileName }),
    };
    await engine.send(operation);
    await engine.send(operation);
    expect(side.sent.filter(({ waKey }) => waKey === operation.waKey)).toMatchObject([
      {
        number: ana,
        body: "olha só",
        file: { as, mimeType: expect.stringContaining(mimeType), sha256: hashOf(bytes) },
      },
    ]);
    if (fileName !== null) expect(side.sent.at(-1)?.file?.fileName).toBe(fileName);
    expect(await engine.find(operation)).toBe("accepted");
  });

  test("refuses a file above WhatsApp's size limit without reading it", async () => {
    const file: OutgoingFile = {
      mimeType: "image/png",
      fileName: null,
      sizeBytes: 16 * 1024 * 1024 + 1,
      open: () => {
        throw new Error("the file was read");
      },
    };
    await expectRefusal({ kind: "media", ...to(ana), as: "image", caption: "", file }, "too_large");
  });

  test("sends a location", async () => {
    const { engine, side } = session();
    const place = { latitude: -23.55052, longitude: -46.633308, name: "Loja", address: "Praça da Sé, 1" };
    const operation = { kind: "location" as const, ...to(ana), place };
    await engine.send(operation);
    expect(side.sent.at(-1)).toMatchObject({
      waKey: operation.waKey,
      place: { latitude: -23.55052, longitude: -46.633308 },
    });
  });

  test("sends one or several contact cards once", async () => {
    const { engine, side } = session();
    for (const cards of [[mother], [mother, shop]]) {
      const operation: Outgoing = { kind: "contacts", ...to(ana), cards };
      await engine.send(operation);
      await engine.send(operation);
      expect(side.sent.filter(({ waKey }) => waKey === operation.waKey)).toEqual([
        { waKey: operation.waKey, number: ana, body: "", cards },
      ]);
      expect(await engine.find(operation)).toBe("accepted");
    }
  });

  test("sends a poll once, and emits the votes in it", async () => {
    const { engine, events, side } = session();
    const poll = { question: "Qual dia?", options: ["Seg", "Ter", "Qua"], mostChoices: 1 };
    const operation: Outgoing = { kind: "poll", ...to(ana), poll };
    await engine.send(operation);
    await engine.send(operation);
    expect(side.sent.filter(({ waKey }) => waKey === operation.waKey)).toEqual([
      { waKey: operation.waKey, number: ana, body: "", poll },
    ]);
    expect(await engine.find(operation)).toBe("accepted");
    side.vote(operation.waKey, ["Ter"]);
    expect(await events.fact("vote", ({ waKey }) => waKey === operation.waKey)).toMatchObject({
      direction: 1,
      from: "client",
      options: ["Ter"],
    });
    const several: Outgoing = { kind: "poll", ...to(ana), poll: { ...poll, mostChoices: null } };
    await engine.send(several);
    expect(side.sent.at(-1)?.poll?.mostChoices).toBeNull();
  });

  test("marks a forwarded text, file, location or contact card as such", async () => {
    const { engine, side } = session();
    const file = fileOf(Buffer.from("uma foto"), { mimeType: "image/png", fileName: "foto.png" });
    const place = { latitude: -23.5, longitude: -46.6, name: null, address: null };
    const operations: Outgoing[] = [
      { kind: "text", ...to(bia), body: "repasse", forwarded: "once" },
      { kind: "text", ...to(bia), body: "corrente", forwarded: "often" },
      { kind: "media", ...to(bia), as: "image", caption: "", file, forwarded: "once" },
      { kind: "location", ...to(bia), place, forwarded: "often" },
      { kind: "contacts", ...to(bia), cards: [mother], forwarded: "once" },
    ];
    for (const operation of operations) {
      await engine.send(operation);
      const { forwarded } = operation as { forwarded: "once" | "often" };
      expect(side.sent.at(-1)).toMatchObject({ waKey: operation.waKey, number: bia, forwarded });
    }
    await engine.send({ kind: "text", ...to(bia), body: "novo" });
    expect(side.sent.at(-1)?.forwarded).toBeUndefined();
  });

  test("sends, replaces and removes a reaction, and finds each by the state of the message", async () => {
    const { engine, events, side } = session();
    const target = incoming(side.receive({ from: ana, body: "gostou do bolo?" }));
    await events.message("gostou do bolo?");
    const react = (emoji: string) => ({ kind: "reaction" as const, ...to(ana), target, emoji });
    for (const emoji of ["👍🏽", "❤️", ""]) {
      const operation = react(emoji);
      expect(await engine.find(operation)).toBe("absent");
      await engine.send(operation);
      expect(await engine.find(operation)).toBe("accepted");
      expect(side.changed.at(-1)).toEqual({ change: "reaction", target: target.waKey, body: emoji });
    }
  });

  test("sends an edit once under its own key, and refuses edits of old and incoming messages", async () => {
    const { engine, events, side } = session();
    const written = await sendText("às 10h");
    const edit = { kind: "edit" as const, ...to(ana), target: outgoing(written), body: "às 11h" };
    expect(await engine.find(edit)).toBe("absent");
    await engine.send(edit);
    expect(side.changed.at(-1)).toEqual({ change: "edit", target: written, body: "às 11h" });
    expect(await engine.find(edit)).toBe("accepted");
    const old = side.write({ to: ana, body: "de ontem", timestampMs: Date.now() - hourMs });
    await events.message("de ontem");
    await expectRefusal({ ...edit, ...to(ana), target: outgoing(old) }, "edit_too_late");
    const received = side.receive({ from: ana, body: "não é nosso" });
    await events.message("não é nosso");
    await expectRefusal({ ...edit, ...to(ana), target: incoming(received) }, "not_changeable");
    expect(
      events.facts.all.filter(({ kind }) => kind === "edit").map((fact) => "waKey" in fact && fact.waKey),
    ).not.toContain(written);
  });

  test("deletes a message for everyone once, and refuses answers and edits of it", async () => {
    const { engine, events, side } = session();
    const target = outgoing(await sendText("foi engano"));
    const deletion = { kind: "delete" as const, ...to(ana), target };
    expect(await engine.find(deletion)).toBe("absent");
    await engine.send(deletion);
    await engine.send(deletion);
    expect(await engine.find(deletion)).toBe("accepted");
    expect(side.changed.filter((each) => each.target === target.waKey)).toEqual([
      { change: "delete", target: target.waKey, body: "" },
    ]);
    await expectRefusal({ kind: "text", ...to(ana), body: "sobre isso", quoted: target }, "message_gone");
    await expectRefusal({ kind: "edit", ...to(ana), target, body: "?" }, "message_gone");
    const old = side.write({ to: ana, body: "da semana passada", timestampMs: Date.now() - 7 * 24 * hourMs });
    await events.message("da semana passada");
    await expectRefusal({ ...deletion, ...to(ana), target: outgoing(old) }, "delete_too_late");
  });

  test("refuses operations on a message that WhatsApp does not have permanently", async () => {
    const target = incoming(newKey());
    await expectRefusal({ kind: "reaction", ...to(ana), target, emoji: "👍" }, "message_gone");
    await expectRefusal({ kind: "text", ...to(ana), body: "sobre isso", quoted: target }, "message_gone");
    await expectRefusal({ kind: "delete", ...to(ana), target: outgoing(newKey()) }, "message_gone");
  });

  test("refuses operations to a blocked contact and to a number without WhatsApp permanently", async () => {
    const { events, side } = session();
    side.receive({ from: blocked, body: "sou eu" });
    await events.message("sou eu");
    side.block(blocked);
    side.receive({ from: bia, body: "barreira do bloqueio" });
    await events.message("barreira do bloqueio");
    await expectRefusal({ kind: "text", ...to(blocked), body: "oi" }, "blocked");
    const file = fileOf(Buffer.from("%PDF-1.7"), { mimeType: "application/pdf", fileName: "a.pdf" });
    await expectRefusal(
      { kind: "media", ...to(side.numberWithoutWhatsApp), as: "document", caption: "", file },
      "no_whatsapp",
    );
  });
}
