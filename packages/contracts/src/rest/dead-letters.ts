import { z } from "zod";
import { deadLetterStates, maxDiscardNoteLength, maxRedriven } from "../constants/index.ts";
import { Timestamp } from "../vocabulary.ts";
import { PageRequest, storable, visibleText } from "./requests.ts";

export const DeadLetterState = z
  .enum(deadLetterStates)
  .describe("`solved` and `discarded` letters are kept for a month");

/** A job that failed for good, or a message that could not be sent. One per job, also if it fails again after a redrive. */
export const DeadLetter = z.object({
  id: z.uuid(),
  companyId: z.guid().nullable().describe("null if the job names no company; visible to operators only"),
  queue: z.string(),
  jobName: z.string(),
  jobId: z.string(),
  reason: z.string(),
  payloadSummary: z.string().describe("names, types and sizes of the fields, without content"),
  state: DeadLetterState,
  mayRedrive: z.boolean(),
  failures: z.number().int().describe("how often the job failed for good"),
  attempts: z.number().int().describe("attempts before the last failure"),
  note: z.string().nullable().describe("why it was discarded"),
  createdAt: Timestamp.describe("time of the first failure"),
  failedAt: Timestamp.describe("time of the last failure"),
  redrivenAt: Timestamp.nullable(),
  closedAt: Timestamp.nullable(),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

const filters = {
  queue: storable(z.string().max(200)).optional(),
  jobName: storable(z.string().max(200)).optional(),
};
const ofCompany = {
  companyId: z
    .union([z.uuid(), z.literal("none")])
    .optional()
    .describe("none: letters without a company"),
};
export const DeadLetterFilter = z.object({ ...filters, state: DeadLetterState.optional() });
export type DeadLetterFilter = z.infer<typeof DeadLetterFilter>;
export const DeadLetterPageRequest = PageRequest.extend(DeadLetterFilter.shape);
export const OperatorDeadLetterPageRequest = DeadLetterPageRequest.extend(ofCompany);
export const RedriveRequest = z.object(filters);
export const OperatorRedriveRequest = RedriveRequest.extend(ofCompany);
export const RedriveAnswer = z.object({
  redriven: z.number().int().describe(`at most ${maxRedriven}, oldest first`),
  remaining: z.number().int().describe("letters that still rest; repeat the request for them"),
});
export const DiscardRequest = z.object({ note: visibleText(maxDiscardNoteLength) });

/** Access of one browser to the queue dashboard. */
export const QueueDashboard = z.object({
  path: z.string().describe("path of the dashboard, which requires the cookie of this answer"),
  expiresAt: Timestamp,
});
