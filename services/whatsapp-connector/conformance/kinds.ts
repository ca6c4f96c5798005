import { expect, test } from "vitest";
import { bytesOf } from "../test/support/bytes.ts";
import { ana, type ConformanceSession } from "./conformance-session.ts";
import type { FileKind } from "./whatsapp-side.ts";

const files: FileKind[] = ["image", "video", "audio", "voice", "document", "sticker"];
const location = { latitude: -23.56141, longitude: -46.65588, name: "MASP", address: "Av. Paulista, 1578" };
const mother = {
  name: "Mãe",
  organisation: "Padaria São João",
  numbers: [
    { text: "+55 11 98888-7777", whatsAppNumber: "5511988887777" },
    { text: "(11) 3333-4444", whatsAppNumber: null },
  ],
};

const father = { name: "Pai", organisation: null, numbers: [{ text: "+55 21 97777-6666", whatsAppNumber: null }] };
const poll = { question: "Pizza ou sushi? 🍕", options: ["Pizza", "Sushi", "Os dois"], mostChoices: 1 };

/** All kinds of messages. */
export function kinds(session: () => ConformanceSession): void {
  test.for(files)("emits the kind of a message with a file: %s", async (kind) => {
    const { engine, events, side } = session();
    const { waKey, bytes } = side.receiveFile({ from: ana, kind, body: `arquivo ${kind}` });
    const { media, ...message } = await events.message(`arquivo ${kind}`);
    expect(message).toMatchObject({ waKey, type: kind, direction: 0 });
    expect(message.content).toBeUndefined();
    if (!media) throw new Error("the message has no file");
    expect(await bytesOf(engine.downloadMedia(media, 10_000_000))).toEqual(Buffer.from(bytes));
  });

  test("emits a location with coordinates, name and address", async () => {
    const { events, side } = session();
    const waKey = side.receiveContent({ from: ana, content: { location } });
    const message = await events.fact("message", (fact) => fact.waKey === waKey);
    expect(message).toMatchObject({ type: "location", content: { location } });
    expect(message.media).toBeUndefined();
  });

  test("emits one or several contact cards with names and numbers", async () => {
    const { events, side } = session();
    for (const contacts of [[mother], [mother, father]]) {
      const waKey = side.receiveContent({ from: ana, content: { contacts } });
      const message = await events.fact("message", (fact) => fact.waKey === waKey);
      expect(message).toMatchObject({ type: "contact", content: { contacts } });
      expect(message.body).toBe(contacts.map(({ name }) => name).join(", "));
    }
  });

  test("emits a poll with question and options", async () => {
    const { events, side } = session();
    for (const mostChoices of [1, null]) {
      const waKey = side.receiveContent({ from: ana, content: { poll: { ...poll, mostChoices } } });
      const message = await events.fact("message", (fact) => fact.waKey === waKey);
      expect(message).toMatchObject({ type: "poll", content: { poll: { ...poll, mostChoices } }, body: poll.question });
    }
  });

  test("emits a call as a system message", async () => {
    const { events, side } = session();
    const waKey = side.receiveContent({ from: ana, content: { call: { isVideo: true } } });
    const message = await events.fact("message", (fact) => fact.waKey === waKey);
    expect(message).toMatchObject({ type: "system", content: { call: { isVideo: true } }, body: "" });
  });

  test("emits a message of an unknown type with WhatsApp's name of the type", async () => {
    const { events, side } = session();
    const waKey = side.receiveUnknown({ from: ana, vendorKind: "hologram" });
    const message = await events.fact("message", (fact) => fact.waKey === waKey);
    expect(message).toMatchObject({ type: "unknown", vendorKind: "hologram" });
  });
}
