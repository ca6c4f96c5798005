import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Outgoing, OutgoingFile } from "../src/engines/contract/engine.ts";
import { newKey } from "../test/support/recorded-events.ts";
import { ana, type Bench, bia, chatOf } from "./bench.ts";

const to = (number: string) => ({ waKey: newKey(), waChatId: chatOf(number) });
const ours = (waKey: string) => ({ waKey, direction: 1 as const });
const theirs = (waKey: string) => ({ waKey, direction: 0 as const });
const blocked = "5531966665555";
const hourMs = 3_600_000;

/** In pieces that no reader chose. */
function fileOf(bytes: Buffer, about: { mimeType: string; fileName: string | null }): OutgoingFile {
  return {
    ...{ ...about, sizeBytes: bytes.length },
    async *open() {
      for (let start = 0; start < bytes.length; start += 100_001) yield bytes.subarray(start, start + 100_001);
    },
  };
}
const hashOf = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

/** What is sent beside plain texts. */
export function sending(bench: () => Bench): void {
  const sendText = async (body: string): Promise<string> => {
    const { waKey, waChatId } = to(ana);
    await bench().engine.send({ kind: "text", waKey, waChatId, body });
    return waKey;
  };
  const refused = (order: Outgoing, reason: string) =>
    expect(bench().engine.send(order)).rejects.toMatchObject({ name: "SendError", kind: "permanent", reason });

  test("an answer carries the message that it answers, theirs or ours", async () => {
    const { engine, heard, side } = bench();
    const asked = side.receive({ from: ana, body: "tem bolo?" });
    await heard.message("tem bolo?");
    const first = to(ana);
    await engine.send({ kind: "text", ...first, body: "tem", quoted: theirs(asked) });
    expect(side.sent.at(-1)).toEqual({ waKey: first.waKey, number: ana, body: "tem", quoted: asked });
    await engine.send({ kind: "text", ...to(ana), body: "de cenoura", quoted: ours(first.waKey) });
    expect(side.sent.at(-1)?.quoted).toBe(first.waKey);
  });

  test.for([
    ["image", "image/png", "foto.png"],
    ["video", "video/mp4", "filme.mp4"],
    ["audio", "audio/mpeg", "som.mp3"],
    ["voice", "audio/ogg", null],
    ["document", "application/pdf", "Cardápio de março.pdf"],
  ] as const)("a file goes out as %s, byte for byte, with its caption", async ([as, mimeType, fileName]) => {
    const { engine, side } = bench();
    const bytes = Buffer.alloc(1_200_007, as);
    const order: Outgoing = {
      kind: "media",
      ...to(ana),
      as,
      caption: "olha só",
      file: fileOf(bytes, { mimeType, fileName }),
    };
    await engine.send(order);
    await engine.send(order);
    expect(side.sent.filter(({ waKey }) => waKey === order.waKey)).toMatchObject([
      { number: ana, body: "olha só", file: { as, mimeType, sha256: hashOf(bytes) } },
    ]);
    if (fileName !== null) expect(side.sent.at(-1)?.file?.fileName).toBe(fileName);
    expect(await engine.find(order)).toBe("accepted");
  });

  test("a file that is larger than WhatsApp takes is refused before anything of it is read", async () => {
    const file: OutgoingFile = {
      ...{ mimeType: "image/png", fileName: null, sizeBytes: 16 * 1024 * 1024 + 1 },
      open: () => {
        throw new Error("it was read");
      },
    };
    await refused({ kind: "media", ...to(ana), as: "image", caption: "", file }, "too_large");
  });

  test("a place goes out with its name", async () => {
    const { engine, side } = bench();
    const place = { latitude: -23.55052, longitude: -46.633308, name: "Loja", address: "Praça da Sé, 1" };
    const order = { kind: "location" as const, ...to(ana), place };
    await engine.send(order);
    expect(side.sent.at(-1)).toMatchObject({
      waKey: order.waKey,
      place: { latitude: -23.55052, longitude: -46.633308 },
    });
  });

  test("a reaction, another in its place, and none again, each told apart by how the message is", async () => {
    const { engine, heard, side } = bench();
    const target = theirs(side.receive({ from: ana, body: "gostou do bolo?" }));
    await heard.message("gostou do bolo?");
    const react = (emoji: string) => ({ kind: "reaction" as const, ...to(ana), target, emoji });
    for (const emoji of ["👍🏽", "❤️", ""]) {
      const order = react(emoji);
      expect(await engine.find(order)).toBe("absent");
      await engine.send(order);
      expect(await engine.find(order)).toBe("accepted");
      expect(side.changed.at(-1)).toEqual({ change: "reaction", target: target.waKey, body: emoji });
    }
  });

  test("an edit goes out once under its own key, and only our own young messages can be edited", async () => {
    const { engine, heard, side } = bench();
    const written = await sendText("às 10h");
    const edit = { kind: "edit" as const, ...to(ana), target: ours(written), body: "às 11h" };
    expect(await engine.find(edit)).toBe("absent");
    await engine.send(edit);
    expect(side.changed.at(-1)).toEqual({ change: "edit", target: written, body: "às 11h" });
    expect(await engine.find(edit)).toBe("accepted");
    const old = side.write({ to: ana, body: "de ontem", timestampMs: Date.now() - hourMs });
    await heard.message("de ontem");
    await refused({ ...edit, ...to(ana), target: ours(old) }, "edit_too_late");
    const received = side.receive({ from: ana, body: "não é nosso" });
    await heard.message("não é nosso");
    await refused({ ...edit, ...to(ana), target: theirs(received) }, "not_changeable");
    expect(
      heard.facts.all.filter(({ kind }) => kind === "edit").map((fact) => "waKey" in fact && fact.waKey),
    ).not.toContain(written);
  });

  test("a message is deleted for everyone, once, and can't be answered or edited after that", async () => {
    const { engine, heard, side } = bench();
    const target = ours(await sendText("foi engano"));
    const deletion = { kind: "delete" as const, ...to(ana), target };
    expect(await engine.find(deletion)).toBe("absent");
    await engine.send(deletion);
    await engine.send(deletion);
    expect(await engine.find(deletion)).toBe("accepted");
    expect(side.changed.filter((each) => each.target === target.waKey)).toEqual([
      { change: "delete", target: target.waKey, body: "" },
    ]);
    await refused({ kind: "text", ...to(ana), body: "sobre isso", quoted: target }, "message_gone");
    await refused({ kind: "edit", ...to(ana), target, body: "?" }, "message_gone");
    const old = side.write({ to: ana, body: "da semana passada", timestampMs: Date.now() - 7 * 24 * hourMs });
    await heard.message("da semana passada");
    await refused({ ...deletion, ...to(ana), target: ours(old) }, "delete_too_late");
  });

  test("what is about a message that WhatsApp does not have is refused for good", async () => {
    const target = theirs(newKey());
    await refused({ kind: "reaction", ...to(ana), target, emoji: "👍" }, "message_gone");
    await refused({ kind: "text", ...to(ana), body: "sobre isso", quoted: target }, "message_gone");
    await refused({ kind: "delete", ...to(ana), target: ours(newKey()) }, "message_gone");
  });

  test("a blocked contact is refused for good, and so is a number without WhatsApp, whatever is sent", async () => {
    const { heard, side } = bench();
    side.receive({ from: blocked, body: "sou eu" });
    await heard.message("sou eu");
    side.block(blocked);
    side.receive({ from: bia, body: "barreira do bloqueio" });
    await heard.message("barreira do bloqueio");
    await refused({ kind: "text", ...to(blocked), body: "oi" }, "blocked");
    const file = fileOf(Buffer.from("%PDF-1.7"), { mimeType: "application/pdf", fileName: "a.pdf" });
    await refused(
      { kind: "media", ...to(side.numberWithoutWhatsApp), as: "document", caption: "", file },
      "no_whatsapp",
    );
  });
}
