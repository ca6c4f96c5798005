import { z } from "zod";
import { ClientName, Timestamp, Username, WhatsAppNumber } from "../../vocabulary.ts";

/** A merge by hand that can still be undone. Name and number are those of the client that was merged. */
export const OpenMerge = z.object({
  id: z.uuid(),
  name: ClientName,
  whatsappNumber: WhatsAppNumber.nullable(),
  mergedAt: Timestamp,
  undoUntil: Timestamp,
});
export type OpenMerge = z.infer<typeof OpenMerge>;

export const Client = z.object({
  id: z.uuid(),
  name: ClientName,
  whatsappNumber: WhatsAppNumber.nullable().describe("null: WhatsApp has not reported the number"),
  username: Username.nullable().optional().describe("WhatsApp user name, without @; null: none is known"),
  profilePictureUrl: z.string().nullable(),
  lastContactAt: Timestamp.nullable(),
  version: z.number().int(),
});
export type Client = z.infer<typeof Client>;

/** By which WhatsApp named a client, with times. */
export const ClientAddress = z.object({
  id: z.string().describe("opaque"),
  number: WhatsAppNumber.nullable().describe("null: WhatsApp's internal id of a person whose number is not shown"),
  isCurrent: z.boolean().describe("false: an earlier one, which now belongs to another client or to nobody"),
  firstSeenAt: Timestamp.nullable().describe("null: from before times were recorded"),
  lastSeenAt: Timestamp.nullable().describe("exact to a day"),
});
export type ClientAddress = z.infer<typeof ClientAddress>;

export const ClientDetails = Client.extend({
  addresses: z.array(ClientAddress).describe("all numbers and ids of the client over time, newest first"),
  merges: z.array(OpenMerge).describe("merges by hand into this client that can be undone, newest first"),
});
export type ClientDetails = z.infer<typeof ClientDetails>;
