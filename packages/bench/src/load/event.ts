import { randomUUID } from "node:crypto";
import { type DurableEvent, wholeCompany } from "@syszap/contracts";
import { nowMicroseconds } from "../client-pool/commands.ts";

/** Size of a short message as JSON. All gateways carry the same object. */
const eventBytes = 350;

const message = (body: string): DurableEvent<"new_message"> => ({
  type: "new_message",
  id: randomUUID(),
  version: 1,
  audience: wholeCompany,
  data: {
    Id: "0f0a4a3a-3c50-4b7e-9b8e-2f6f0a3e7d11",
    Chat_Id: "5b1c6f43-8c0e-4d5f-8f4c-0f4f9f4d2a12",
    Direction: 0,
    Type: 0,
    Body: body,
    Chat: { WA_Chat_Id: "5511987654321" },
    Client: { Name: "Cliente", WhatsApp_Number: "5511987654321" },
    timestamp: "2026-01-02T03:04:05.678Z",
  },
});
const stamp = () => `@${nowMicroseconds()}@`;
const { audience: _, ...onTheWire } = message(stamp());
const textLength = stamp().length + Math.max(0, eventBytes - JSON.stringify(onTheWire).length);

/** Creates an event of 350 bytes whose message body starts with `text`. */
export const eventSaying = (text: string): DurableEvent => message(text.padEnd(textLength, "x"));

/** Creates an event whose message body contains the publishing time. */
export const nextEvent = (): DurableEvent => eventSaying(stamp());
