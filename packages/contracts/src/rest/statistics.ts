import { z } from "zod";
import { maxStatisticsDays, sessionStatuses } from "../constants/index.ts";
import { Timestamp } from "../vocabulary.ts";

const Count = z.number().int().min(0);
const counted =
  "Outgoing messages count when they are written, also while they wait or when they failed. Notes of WhatsApp and changes of messages do not count";

export const StatisticsRequest = z.object({
  days: z.coerce
    .number<number>()
    .int()
    .min(1)
    .max(maxStatisticsDays)
    .default(maxStatisticsDays)
    .describe("days in `perDay`, with today"),
});

/** What only owners and admins see: connections, and the state of the installation as far as it concerns the company. */
export const LiveStatistics = z.object({
  people: Count.describe("users with an open connection; of many connections, the number among those that are listed"),
  connections: Count,
  gateways: Count,
  latency: z
    .object({ events: Count, p50Ms: z.number(), p99Ms: z.number() })
    .nullable()
    .describe(
      "time from the emission of an event to its last write to a connection of the company, over the last five to ten minutes. null: no event was written",
    ),
  receiving: Count.nullable().describe(
    "facts of all companies that wait to be stored. null: the queue does not answer",
  ),
});
export type LiveStatistics = z.infer<typeof LiveStatistics>;

/** Statistics of what the caller sees, counted in the stored messages when the request is made. */
export const Statistics = z.object({
  timeZone: z.string().describe("the company's time zone, in which days begin"),
  readAt: Timestamp,
  today: z
    .object({
      startsAt: Timestamp,
      endsAt: Timestamp,
      received: z.array(Count).describe("by minute since `startsAt`; minutes after the last message are left out"),
      sent: z.array(Count),
    })
    .describe(counted),
  perDay: z
    .array(z.object({ day: z.iso.date(), startsAt: Timestamp, received: Count, sent: Count }))
    .describe("oldest first, the last one is today"),
  waiting: z
    .object({ chats: Count, since: Timestamp.nullable().describe("the longest wait; null if no chat waits") })
    .describe("chats with clients in which a message was neither read nor answered"),
  firstAnswer: z
    .object({ answers: Count, medianMs: Count, p90Ms: Count })
    .nullable()
    .describe(
      "from a client's first message after the last answer to the next answer, for today's answers to messages of at most one day before. null: none",
    ),
  sessions: z.object(
    Object.fromEntries(sessionStatuses.map((status) => [status, Count])) as Record<
      (typeof sessionStatuses)[number],
      typeof Count
    >,
  ),
  sending: z
    .object({ waiting: Count, since: Timestamp.nullable() })
    .describe("messages and changes of messages that wait to be sent"),
  live: LiveStatistics.nullable().describe("null for agents and API keys, and while Redis does not answer"),
});
export type Statistics = z.infer<typeof Statistics>;
