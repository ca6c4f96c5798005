import { z } from "zod";
import { ChatSide } from "../vocabulary.ts";
import { FactKey, NamedContact } from "./parts.ts";

/** A reaction to a message was set. An empty emoji removes it. */
export const ReactionJob = FactKey.extend({
  from: ChatSide,
  /** In a group: the participant, if `from` is the client's side. */
  sender: NamedContact.optional(),
  emoji: z.string().max(64),
  timestampMs: z.number().int().min(0),
});
export type ReactionJob = z.infer<typeof ReactionJob>;
