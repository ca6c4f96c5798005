import { z } from "zod";
import { ChatSide } from "../vocabulary.ts";
import { FactKey } from "./parts.ts";

/** A reaction to a message was set. An empty emoji removes it. */
export const ReactionJob = FactKey.extend({
  from: ChatSide,
  emoji: z.string().max(64),
  timestampMs: z.number().int().min(0),
});
export type ReactionJob = z.infer<typeof ReactionJob>;
