import { direction, type Message, type MessageJob } from "@syszap/contracts";
import type { CompanyUnit, Database, Touched } from "@syszap/database";
import { applyMedia } from "./media.ts";
import { applyPending } from "./pending.ts";

export function processMessage(db: Database, job: MessageJob): Promise<void> {
  return db.withCompany(job.companyId, (unit) => storeMessage(unit, job));
}

/** Stores a message with its client, its chat and what was said of it before, and tells of all that changed. */
export async function storeMessage(unit: CompanyUnit, job: MessageJob): Promise<void> {
  await unit.pendingFacts.lock(job);
  const touched = await unit.clients.touchFromMessage({
    number: job.client.number,
    name: job.client.name,
    contactAt: new Date(job.timestampMs),
  });
  const message = await store(unit, job, touched.client.id);
  tellOfClient(unit, job, touched);
  if (!message) return advanceKnown(unit, job);
  await tellOfMessage(unit, job, message);
  await rememberDownload(unit, job);
  await applyPending(unit, job);
}

/** Undefined when the message is stored already: WhatsApp and the queue both deliver at least once. */
async function store(unit: CompanyUnit, job: MessageJob, clientId: string): Promise<Message | undefined> {
  const chat = await unit.chats.upsert({ sessionId: job.sessionId, waChatId: job.waChatId, clientId });
  const mediaId = job.media ? await unit.media.add(job.media) : null;
  const isOurs = job.direction === direction.out;
  return unit.messages.insertOnce({ ...job, chatId: chat.id, mediaId, status: isOurs ? (job.status ?? "sent") : null });
}

/** History from before the link makes no notice, so nobody in it is "new". */
function tellOfClient(unit: CompanyUnit, job: MessageJob, touched: Touched): void {
  if (touched.registered && !job.isHistory) unit.emit.newClient(touched.registered);
  if (touched.isChanged) unit.emit.clientUpdate(touched.client);
}

async function tellOfMessage(unit: CompanyUnit, job: MessageJob, message: Message): Promise<void> {
  const chat = await unit.chats.recordMessage(message, { isHistory: job.isHistory });
  if (!job.isHistory) unit.emit.newMessage(message, chat);
  if (!job.isHistory || chat.lastMessage?.id === message.id) unit.emit.chatUpdate(chat);
}

/** Its file is still in WhatsApp: the session's owner tries on, until a `media` job ends it. */
async function rememberDownload(unit: CompanyUnit, job: MessageJob): Promise<void> {
  const { mediaHandle: handle, missingMedia } = job;
  if (handle !== undefined && missingMedia) await unit.mediaDownloads.add(job, { ...missingMedia, handle });
}

/** Told again, it may come with the file that it was stored without. */
async function completeKnown(unit: CompanyUnit, job: MessageJob): Promise<void> {
  if (job.media) await applyMedia(unit, { ...job, attempt: 0 });
}

/** WhatsApp reports what we sent as well, with what became of it. */
async function advanceKnown(unit: CompanyUnit, job: MessageJob): Promise<void> {
  await completeKnown(unit, job);
  if (!job.status || job.status === "queued") return;
  const message = await unit.messages.advanceStatus(job, job.status, { atMs: job.timestampMs });
  if (message && message !== "absent") unit.emit.messageStatus(message);
}
