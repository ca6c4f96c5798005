import { z } from "zod";
import { Timestamp } from "../vocabulary.ts";
import { visibleText } from "./requests.ts";

export const MergeClientsRequest = z.object({
  clientId: z.uuid().describe("the client that is merged into the one in the path"),
});
export type MergeClientsRequest = z.infer<typeof MergeClientsRequest>;

export const maxSplitAddresses = 100;

export const SplitClientRequest = z.object({
  addressIds: z
    .array(z.string().regex(/^[0-9a-f]{32}$/))
    .min(1)
    .max(maxSplitAddresses)
    .describe("current addresses of the client that belong to another person"),
  from: Timestamp.optional().describe(
    "only messages from this time on move: for a number that passed to another person. Absent: all messages from the addresses",
  ),
  name: visibleText(500).optional().describe("shown until WhatsApp reports a name"),
});
export type SplitClientRequest = z.infer<typeof SplitClientRequest>;

export const EraseClientRequest = z.object({
  name: z.string().max(500).describe("the client's name as it is shown, as a confirmation: this cannot be undone"),
});
