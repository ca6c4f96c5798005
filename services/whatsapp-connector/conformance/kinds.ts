import { expect, test } from "vitest";
import { bytesOf } from "../test/support/bytes.ts";
import { ana, type Bench } from "./bench.ts";
import type { FileKind } from "./whatsapp-side.ts";

const files: FileKind[] = ["image", "video", "audio", "voice", "document", "sticker"];
const place = { latitude: -23.56141, longitude: -46.65588, name: "MASP", address: "Av. Paulista, 1578" };
const mae = {
  name: "Mãe",
  organisation: "Padaria São João",
  numbers: [
    { text: "+55 11 98888-7777", whatsAppNumber: "5511988887777" },
    { text: "(11) 3333-4444", whatsAppNumber: null },
  ],
};
const pai = { name: "Pai", organisation: null, numbers: [{ text: "+55 21 97777-6666", whatsAppNumber: null }] };
const poll = { question: "Pizza ou sushi? 🍕", options: ["Pizza", "Sushi", "Os dois"], mostChoices: 1 };

/** Every kind of message, as each engine must tell it. */
export function kinds(bench: () => Bench): void {
  test.for(files)("a message with a file tells of which kind it is: %s", async (kind) => {
    const { engine, heard, side } = bench();
    const { waKey, bytes } = side.receiveFile({ from: ana, kind, body: `arquivo ${kind}` });
    const { media, ...told } = await heard.message(`arquivo ${kind}`);
    expect(told).toMatchObject({ waKey, type: kind, direction: 0 });
    expect(told.content).toBeUndefined();
    if (!media) throw new Error("no file came");
    expect(await bytesOf(engine.downloadMedia(media, 10_000_000))).toEqual(Buffer.from(bytes));
  });

  test("a place comes with its coordinates, name and address", async () => {
    const { heard, side } = bench();
    const waKey = side.receiveContent({ from: ana, content: { location: place } });
    const told = await heard.fact("message", (fact) => fact.waKey === waKey);
    expect(told).toMatchObject({ type: "location", content: { location: place } });
    expect(told.media).toBeUndefined();
  });

  test("contact cards come with their names and numbers, one or several", async () => {
    const { heard, side } = bench();
    for (const contacts of [[mae], [mae, pai]]) {
      const waKey = side.receiveContent({ from: ana, content: { contacts } });
      const told = await heard.fact("message", (fact) => fact.waKey === waKey);
      expect(told).toMatchObject({ type: "contact", content: { contacts } });
      expect(told.body).toBe(contacts.map(({ name }) => name).join(", "));
    }
  });

  test("a poll comes with its question and options", async () => {
    const { heard, side } = bench();
    for (const mostChoices of [1, null]) {
      const waKey = side.receiveContent({ from: ana, content: { poll: { ...poll, mostChoices } } });
      const told = await heard.fact("message", (fact) => fact.waKey === waKey);
      expect(told).toMatchObject({ type: "poll", content: { poll: { ...poll, mostChoices } }, body: poll.question });
    }
  });

  test("a call is noted", async () => {
    const { heard, side } = bench();
    const waKey = side.receiveContent({ from: ana, content: { call: { isVideo: true } } });
    const told = await heard.fact("message", (fact) => fact.waKey === waKey);
    expect(told).toMatchObject({ type: "system", content: { call: { isVideo: true } }, body: "" });
  });

  test("a kind that nobody knows keeps its place, and WhatsApp's name of it", async () => {
    const { heard, side } = bench();
    const waKey = side.receiveUnknown({ from: ana, vendorKind: "hologram" });
    const told = await heard.fact("message", (fact) => fact.waKey === waKey);
    expect(told).toMatchObject({ type: "unknown", vendorKind: "hologram" });
  });
}
