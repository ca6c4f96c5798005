import { direction, type Message, type MessageJob, type NamedContact } from "@syszap/contracts";
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

type ClientMessage = MessageJob & { client: NamedContact };

/** Processes messages of one company in one transaction. */
export function processMessages(db: Database, companyId: string, jobs: readonly MessageJob[]): Promise<void> {
  return db.withCompany(companyId, (unit) => storeMessages(unit, jobs));
}

/**
 * Stores messages with their clients and chats, and emits the changes, as if each message were processed alone in this order. Pending
 * facts about the messages are applied after all of them.
 */
export async function storeMessages(unit: CompanyUnit, all: readonly MessageJob[]): Promise<void> {
  // Connectors do not emit messages of groups yet.
  const jobs = all.flatMap((job) => (job.client ? [{ ...job, client: job.client }] : []));
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

/** Locks clients first, then their chats. Every transaction uses this order, so that none deadlock. */
function lockClientsAndChats(unit: CompanyUnit, jobs: readonly ClientMessage[], onChange: OnIdentityChange) {
  const contacts = jobs.map(({ client, timestampMs }) => ({ ...client, contactAt: new Date(timestampMs) }));
  const lock = async (ids: string[]) => {
    const keyed = jobs.map((job, index) => ({ ...job, clientId: ids[index] ?? "" }));
    const [touches, known] = await Promise.all([
      unit.clientResolver.touchAll(ids, contacts),
      unit.chatRecorder.lockAll(keyed),
    ]);
    return touches && { touches, keyed, chats: await unit.chatRecorder.completeAll(keyed, known) };
  };
  return unit.clientResolver.resolve(contacts, lock, onChange);
}

/** An element is undefined when its message is stored already: WhatsApp and the queue deliver at least once. */
async function insert(unit: CompanyUnit, jobs: readonly (ClientMessage & { clientId: string })[], chats: KnownChats) {
  const files = new Map<MessageJob, string>();
  for (const job of jobs) if (job.media) files.set(job, await unit.media.add(job.media));
  return unit.messages.insertAllOnce(
    jobs.map((job) => ({
      ...job,
      chatId: chats.get(chatKeyOf(job.sessionId, job.clientId))?.id ?? "",
      address: addressOf(job.client),
      mediaId: files.get(job) ?? null,
      status: job.direction === direction.out ? (job.status ?? "sent") : null,
    })),
  );
}

interface Stored {
  jobs: readonly ClientMessage[];
  touches: readonly Touched[];
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
    if (!touched || !chat) continue;
    if (!isHistory) unit.emit.newMessage(message, { ...chat, client: touched.client }, isLate);
    if (!isHistory || chat.lastMessage?.id === message.id) unit.emit.chatUpdate(chat);
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
