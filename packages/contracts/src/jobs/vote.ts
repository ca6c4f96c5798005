import { z } from "zod";
import { maxContentTextLength } from "../constants/index.ts";
import { ChatSide } from "../vocabulary.ts";
import { FactKey, NamedContact } from "./parts.ts";

/** One side of the chat voted in a poll. The options replace its earlier vote; an empty list withdraws it. */
export const VoteJob = FactKey.extend({
  from: ChatSide,
  /** In a group: the participant, if `from` is the client's side. */
  sender: NamedContact.optional(),
  options: z.array(z.string().max(maxContentTextLength)).max(50),
  timestampMs: z.number().int().min(0),
});
export type VoteJob = z.infer<typeof VoteJob>;
