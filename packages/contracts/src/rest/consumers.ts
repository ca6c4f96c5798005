import { z } from "zod";
import { consumerNamePattern, maxConsumerEvents, maxConsumerWaitSeconds, selectableTypes } from "../constants/index.ts";
import { Timestamp } from "../vocabulary.ts";

/** Position in a company's event log, `<log>.<position>`. Opaque to clients, and not a cursor of the WebSocket. */
export const LogCursor = z.string().regex(/^[0-9a-f]{8}\.\d{1,15}$/, "must be a cursor that a consumer received");
const ConsumerEventType = z.enum(selectableTypes);

export const ConsumerName = z
  .string()
  .regex(consumerNamePattern, "must be 1 to 64 lower-case letters, digits, dots, hyphens or underscores");

/** A program that reads the company's events in order and acknowledges them. */
export const Consumer = z.object({
  name: z.string(),
  types: z.array(ConsumerEventType).nullable().describe("null: all types, including those that a later release adds"),
  cursor: z.string().describe("all events up to it are acknowledged"),
  eventsBehind: z.number().int().describe("events of all types that are not acknowledged"),
  oldestUnacknowledgedAt: Timestamp.nullable().describe("when the oldest of them was published; null: there is none"),
  acknowledgedAt: Timestamp.nullable().describe("time of the last ack or seek"),
  createdAt: Timestamp,
});
export type Consumer = z.infer<typeof Consumer>;

export const CreateConsumerRequest = z.object({
  name: ConsumerName,
  types: z
    .array(ConsumerEventType)
    .min(1)
    .max(100)
    .transform((types) => [...new Set(types)].sort())
    .nullable()
    .default(null)
    .describe("null or absent: all types"),
});
export const ConsumerEventsRequest = z.object({
  limit: z.coerce.number<number>().int().min(1).max(maxConsumerEvents).default(100),
  waitSeconds: z.coerce
    .number<number>()
    .int()
    .min(0)
    .max(maxConsumerWaitSeconds)
    .default(0)
    .describe("how long to wait for the next event when there is none"),
  after: LogCursor.optional().describe("read after this cursor instead of the acknowledged one, to read ahead"),
});
export const AcknowledgeRequest = z.object({ cursor: LogCursor });
/** Exactly one of the two. */
export const SeekRequest = z
  .object({
    cursor: LogCursor.optional(),
    timestamp: z.iso.datetime().optional().describe("continue with the first event published then or later"),
  })
  .refine(({ cursor, timestamp }) => (cursor === undefined) !== (timestamp === undefined), {
    error: "must have either a cursor or a timestamp",
  });

export const ConsumerEvents = z.object({
  from: z.string().describe("the page begins after it: the acknowledged cursor, or `after`"),
  cursor: z.string().describe("acknowledge it when all events of the page are processed, also when the page is empty"),
  eventsBehind: z.number().int().describe("events of all types after `cursor`"),
  events: z.array(
    z.object({
      position: z.number().int().describe("grows by one with each event of the company"),
      cursor: z.string(),
      type: ConsumerEventType,
      id: z.uuid(),
      version: z.number().int(),
      data: z.record(z.string(), z.unknown()).describe("as in asyncapi.yaml"),
    }),
  ),
});
