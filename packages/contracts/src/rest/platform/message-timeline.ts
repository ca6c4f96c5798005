import { z } from "zod";
import { Direction, MessageStatus, Timestamp } from "../../vocabulary.ts";

/** In the order in which they happen. docs/operations.md explains them. */
const timelineStages = [
  "whatsapp",
  "received",
  "job_queued",
  "job_started",
  "job_finished",
  "stored",
  "created",
  "attempted",
  "published",
  "webhook",
  "consumer",
  "dead_letter",
] as const;

/** One step on a message's way. `null` where it is not known, or no longer. */
const TimelineStage = z.object({
  stage: z.enum(timelineStages),
  at: Timestamp.nullable().describe("null: not yet, or not kept"),
  process: z.string().nullable(),
  attempts: z.number().int().nullable(),
  id: z.string().nullable().describe("of the job, event, webhook, consumer or dead letter"),
  state: z
    .string()
    .nullable()
    .describe("a message's status, or the state of the job, delivery, consumer or dead letter"),
});
export type TimelineStage = z.infer<typeof TimelineStage>;

/** The way of a message through the services: ids and times, never contents. */
export const MessageTimeline = z.object({
  messageId: z.uuid(),
  companyId: z.uuid(),
  sessionId: z.uuid(),
  direction: Direction,
  status: MessageStatus.nullable(),
  attempts: z.number().int(),
  version: z.number().int(),
  stages: z.array(TimelineStage),
});
export type MessageTimeline = z.infer<typeof MessageTimeline>;
