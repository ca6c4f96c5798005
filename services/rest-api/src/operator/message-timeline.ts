import type { MessageTimeline, TimelineStage } from "@syszap/contracts";
import type { AuditActor, CompanyUnit, Database, MessageTrace } from "@syszap/database";
import { resultWithin } from "@syszap/platform/async";
import { jobIdOf } from "@syszap/queues";
import type { Job, Queue } from "bullmq";

interface TimelineDependencies {
  database: Database;
  queue: Queue;
}

/** The stored stages are shown also while Redis hangs. */
const timeoutMs = 2_000;

/**
 * Follows a message through the tables, and through its job as long as the queue has it (an hour). Undefined when no company has the
 * message. The company's audit log records it.
 */
export async function readMessageTimeline(
  { database, queue }: TimelineDependencies,
  messageId: string,
  actor: AuditActor,
): Promise<MessageTimeline | undefined> {
  const companyId = await database.companyOfMessage(messageId);
  if (companyId === undefined) return undefined;
  const traced = await database.withCompany(companyId, (unit) => readTrace(unit, messageId, actor));
  if (!traced) return undefined;
  const { trace, jobId, after } = traced;
  const { sessionId, status, attempts, version } = trace;
  const stages = [...begun(trace), ...jobStages(await findJob(queue, jobId), trace), ...stored(trace), ...after];
  return { messageId, companyId, sessionId, direction: directionOf(trace), status, attempts, version, stages };
}

/** All that Postgres has, in one transaction that does not wait for Redis. */
async function readTrace(unit: CompanyUnit, messageId: string, actor: AuditActor) {
  const trace = await unit.messageTimeline.find(messageId);
  if (!trace) return undefined;
  await unit.audit.record(actor, { action: "message_traced", target: { kind: "message", id: messageId } });
  const jobId = jobIdOfTrace(unit.companyId, trace);
  return { trace, jobId, after: [...(await published(unit, trace)), ...(await deadLetters(unit, [jobId, messageId]))] };
}

const directionOf = ({ direction }: MessageTrace) => (direction === 1 ? 1 : 0);

const stageOf = (
  stage: TimelineStage["stage"],
  at: Date | number | null | undefined,
  more: Partial<TimelineStage> = {},
) => ({
  ...{ stage, process: null, attempts: null, id: null, state: null },
  at: at === null || at === undefined ? null : new Date(at).toISOString(),
  ...more,
});

function jobIdOfTrace(companyId: string, trace: MessageTrace): string {
  const { sessionId, waKey, waChatId } = trace;
  const identity = { companyId, sessionId, direction: directionOf(trace), waKey, waChatId } as const;
  // The other fields do not identify a message.
  return jobIdOf("message", {
    ...identity,
    kind: "text",
    body: "",
    timestampMs: 0,
    generation: 0,
    receipt: 0,
    isHistory: false,
  });
}

const findJob = (queue: Queue, jobId: string): Promise<Job | undefined> =>
  resultWithin(
    queue.getJob(jobId).catch(() => undefined),
    timeoutMs,
  );

const connectorOf = ({ connector, generation }: MessageTrace) =>
  connector ?? (generation === null ? null : `lease generation ${generation}`);

/** Messages that were queued here have no time of WhatsApp before they are sent. */
const begun = (trace: MessageTrace): TimelineStage[] =>
  trace.isFromHere
    ? [stageOf("created", trace.createdAt), ...attempted(trace)]
    : [stageOf("whatsapp", trace.occurredAt)];

const attempted = (trace: MessageTrace): TimelineStage[] =>
  trace.attempts === 0 ? [] : [stageOf("attempted", null, { attempts: trace.attempts, process: connectorOf(trace) })];

function jobStages(job: Job | undefined, trace: MessageTrace): TimelineStage[] {
  if (!job?.id) return [];
  const { id, timestamp, processedOn, finishedOn, processedBy, attemptsMade, data } = job;
  const receivedAtMs: unknown = data?.receivedAtMs;
  return [
    ...(typeof receivedAtMs === "number" ? [stageOf("received", receivedAtMs, { process: connectorOf(trace) })] : []),
    stageOf("job_queued", timestamp, { id }),
    stageOf("job_started", processedOn, { id, process: processedBy ?? null, attempts: attemptsMade }),
    stageOf("job_finished", finishedOn, {
      id,
      state: finishedOn === undefined ? "waiting" : job.failedReason ? "failed" : "completed",
    }),
  ];
}

const stored = (trace: MessageTrace): TimelineStage[] => (trace.isFromHere ? [] : [stageOf("stored", trace.createdAt)]);

/** The events of the message, and what webhooks and consumers have received of them. */
async function published({ messageTimeline }: CompanyUnit, trace: MessageTrace): Promise<TimelineStage[]> {
  const events = await messageTimeline.events(trace);
  const deliveries = await messageTimeline.deliveries(trace);
  const newest = events.at(-1);
  const consumers = newest ? await messageTimeline.consumers() : [];
  return [
    ...events.map(({ id, type, status, loggedAt }) =>
      stageOf("published", loggedAt, { id, state: status === null ? type : `${type} ${status}` }),
    ),
    ...deliveries.map(({ webhookId, eventType, state, attempts, finishedAt }) =>
      stageOf("webhook", finishedAt, { id: webhookId, attempts, state: `${eventType} ${state}` }),
    ),
    ...consumers.map(({ name, position }) =>
      stageOf("consumer", null, { id: name, state: newest && position >= newest.position ? "acknowledged" : "behind" }),
    ),
  ];
}

async function deadLetters({ messageTimeline }: CompanyUnit, jobIds: string[]): Promise<TimelineStage[]> {
  const letters = await messageTimeline.deadLetters(jobIds);
  return letters.map(({ id, state, attempts, failedAt }) => stageOf("dead_letter", failedAt, { id, state, attempts }));
}
