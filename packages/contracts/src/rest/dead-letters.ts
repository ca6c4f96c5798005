import { z } from "zod";
import { deadLetterStates, maxDiscardNoteLength, maxRedriven } from "../constants/index.ts";
import { Timestamp } from "../vocabulary.ts";
import { PageRequest, storable } from "./requests.ts";

export const DeadLetterState = z.enum(deadLetterStates).describe("the last two are history, kept for a month");

/** A job that was given up, or a message that could not be sent, with why. One for each job, however often it failed. */
export const DeadLetter = z.object({
  id: z.uuid(),
  companyId: z.guid().nullable().describe("null where the job names none; only operators see those"),
  queue: z.string(),
  jobName: z.string(),
  jobId: z.string(),
  reason: z.string(),
  payloadSummary: z.string().describe("names, types and sizes of the fields, nothing of what people wrote"),
  state: DeadLetterState,
  mayRedrive: z.boolean(),
  failures: z.number().int().describe("how often it was given up"),
  attempts: z.number().int().describe("before it was given up the last time"),
  note: z.string().nullable().describe("why it was discarded"),
  createdAt: Timestamp.describe("of the first failure"),
  failedAt: Timestamp.describe("of the last failure"),
  redrivenAt: Timestamp.nullable(),
  closedAt: Timestamp.nullable(),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

const filters = {
  queue: z.string().max(200).optional(),
  jobName: z.string().max(200).optional(),
};
const ofCompany = {
  companyId: z
    .union([z.uuid(), z.literal("none")])
    .optional()
    .describe("none: of those that name no company"),
};
export const DeadLetterFilter = z.object({ ...filters, state: DeadLetterState.optional() });
export type DeadLetterFilter = z.infer<typeof DeadLetterFilter>;
export const DeadLetterPageRequest = PageRequest.extend(DeadLetterFilter.shape);
export const OperatorDeadLetterPageRequest = DeadLetterPageRequest.extend(ofCompany);
export const RedriveRequest = z.object(filters);
export const OperatorRedriveRequest = RedriveRequest.extend(ofCompany);
export const RedriveAnswer = z.object({
  redriven: z.number().int().describe(`at most ${maxRedriven}, the oldest first`),
  remaining: z.number().int().describe("rest still: ask again"),
});
export const DiscardRequest = z.object({ note: storable(z.string().trim().min(1).max(maxDiscardNoteLength)) });

/** Opens the queue dashboard to this browser, and to nothing else of it. */
export const QueueDashboard = z.object({
  path: z.string().describe("to be opened while the cookie lives that came along"),
  expiresAt: Timestamp,
});
