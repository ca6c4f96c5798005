import { direction, type Message, type MessageJob, minKeepDays } from "@syszap/contracts";
import {
  addressOf,
  type CompanyUnit,
  chatKeyOf,
  type Database,
  emitIdentityChanges,
  type IdentityChange,
  type KnownChats,
  type OnIdentityChange,
  type Touched,
} from "@syszap/database";
import { applyMedia } from "./media.ts";
import { applyPending } from "./pending.ts";

/** Processes messages of one company in one transaction. */
export function processMessages(db: Database, companyId: string, jobs: readonly MessageJob[]): Promise<void> {
  return db.withCompany(companyId, (unit) => storeMessages(unit, jobs));
}

/**
 * Stores messages with their clients and chats, and emits the changes, as if each message were processed alone in this order. Pending
 * facts about the messages are applied after all of them.
 */
export async function storeMessages(unit: CompanyUnit, received: readonly MessageJob[]): Promise<void> {
  const jobs = await dropExpired(unit, received);
  if (jobs.length === 0) return;
  unit.pendingFacts.lock(...jobs);
  const changes: IdentityChange[] = [];
  const { touches, keyed, chats } = await lockClientsAndChats(unit, jobs, (change) => changes.push(change));
  const [messages, waiting] = await Promise.all([insert(unit, keyed, chats), unit.pendingFacts.take(...jobs)]);
  await emitStored(unit, { jobs, touches, messages, chats });
  for (const [index, job] of jobs.entries()) {
    if (messages[index]) await scheduleDownload(unit, job);
    else await updateStored(unit, job);
  }
  await applyPending(unit, waiting);
  await emitIdentityChanges(unit, changes);
}

/** No company keeps messages for a shorter time, so newer ones need no look at its setting. */
const shortestRetentionMs = minKeepDays * 86_400_000;

/** Messages that the company would not keep any more do not return with WhatsApp's history. Their files are removed again. */
async function dropExpired(unit: CompanyUnit, jobs: readonly MessageJob[]): Promise<readonly MessageJob[]> {
  const newestOldMs = Date.now() - shortestRetentionMs;
  if (jobs.every(({ timestampMs }) => timestampMs > newestOldMs)) return jobs;
  const since = (await unit.retention.messagesSince())?.getTime() ?? Number.NEGATIVE_INFINITY;
  const expired = jobs.filter(({ timestampMs }) => timestampMs < since);
  for (const { media } of expired) if (media) await unit.mediaRemovals.discardUnused(media.storageKey);
  return expired.length === 0 ? jobs : jobs.filter(({ timestampMs }) => timestampMs >= since);
}

/**
 * Locks clients first, then their chats. Every transaction uses this order, so that none deadlock. Messages of groups have no client.
 * A note of WhatsApp registers none.
 */
function lockClientsAndChats(unit: CompanyUnit, jobs: readonly MessageJob[], onChange: OnIdentityChange) {
  const contacts = jobs.flatMap(({ client, content, timestampMs }) =>
    client ? [{ ...client, contactAt: new Date(timestampMs), isNote: content?.note !== undefined }] : [],
  );
  const lock = async (ids: string[]) => {
    const idsInOrder = ids.values();
    const keyed = jobs.map((job) => ({ ...job, clientId: job.client && idsInOrder.next().value }));
    const [touched, known] = await Promise.all([
      unit.clientResolver.touchAll(ids, contacts),
      unit.chatRecorder.lockAll(keyed),
    ]);
    if (!touched) return undefined;
    const touchedInOrder = touched.values();
    const touches = jobs.map(({ client }) => (client ? touchedInOrder.next().value : undefined));
    return { touches, keyed, chats: await unit.chatRecorder.completeAll(keyed, known) };
  };
  return unit.clientResolver.resolve(contacts, lock, onChange);
}

/** An element is undefined when its message is stored already: WhatsApp and the queue deliver at least once. */
async function insert(
  unit: CompanyUnit,
  jobs: readonly (MessageJob & { clientId: string | undefined })[],
  chats: KnownChats,
) {
  const files = new Map<MessageJob, string>();
  for (const job of jobs) if (job.media) files.set(job, await unit.media.add(job.media));
  const senders = (await unit.groups.withNames(jobs.flatMap(({ sender }) => sender ?? []))).values();
  return unit.messages.insertAllOnce(
    jobs.map((job) => ({
      ...job,
      chatId: chats.get(chatKeyOf(job))?.id ?? "",
      address: job.client && addressOf(job.client),
      sender: job.sender && senders.next().value,
      mediaId: files.get(job) ?? null,
      status: job.direction === direction.out ? (job.status ?? "sent") : null,
    })),
  );
}

interface Stored {
  jobs: readonly MessageJob[];
  /** Undefined for a message of a group. */
  touches: readonly (Touched | undefined)[];
  messages: readonly (Message | undefined)[];
  chats: KnownChats;
}

/** Emits the changes. A history message, from before the phone was linked, emits no `new_message` and no `new_client`. */
async function emitStored(unit: CompanyUnit, { jobs, touches, messages, chats: locked }: Stored): Promise<void> {
  const recorded = jobs.flatMap(({ isHistory }, index) => {
    const message = messages[index];
    return message ? [{ message, isHistory }] : [];
  });
  const chats = (await unit.chatRecorder.recordAll(recorded, locked.values())).values();
  for (const [index, { isHistory, isLate }] of jobs.entries()) {
    const touched = touches[index];
    const message = messages[index];
    if (touched?.registered && !isHistory) unit.emit.newClient(touched.registered);
    if (touched?.isChanged) unit.emit.clientUpdate(touched.client);
    const chat = message && chats.next().value;
    if (!chat) continue;
    if (!isHistory) unit.emit.newMessage(message, { ...chat, ...(touched && { client: touched.client }) }, isLate);
    const isNote = message.content?.note !== undefined;
    if (!isNote && (!isHistory || chat.lastMessage?.id === message.id)) unit.emit.chatUpdate(chat);
  }
}

/** Schedules the download of a file that is still in WhatsApp. The session's owner retries until a `media` job ends it. */
async function scheduleDownload(unit: CompanyUnit, job: MessageJob): Promise<void> {
  const { mediaHandle: handle, missingMedia } = job;
  if (handle !== undefined && missingMedia) await unit.mediaDownloads.add(job, { ...missingMedia, handle });
}

/** Updates a message that is stored already: a report of a sent message has its status, and a repeated report may have its file. */
async function updateStored(unit: CompanyUnit, job: MessageJob): Promise<void> {
  if (job.media) await applyMedia(unit, { ...job, attempt: 0 });
  if (!job.status || job.status === "queued") return;
  const message = await unit.messageChanges.advanceStatus(job, job.status, { atMs: job.timestampMs });
  if (message && message !== "absent") unit.emit.messageStatus(message);
}
