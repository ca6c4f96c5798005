/** Functions that send in WhatsApp's page; the rules of `page/account.ts` apply. Ids are in WhatsApp's serialized form. */

interface PageMessage {
  id: { toString(): string };
  [attribute: string]: unknown;
}

interface PageChat {
  id: object;
  lastReceivedKey?: unknown;
  msgs?: { on(event: "add", listener: OnAdded): void; off(event: "add", listener: OnAdded): void };
}

type OnAdded = (message: PageMessage & { set(attributes: object): void }) => void;

interface SendingPage {
  WPP: {
    blocklist: { isBlocked(id: string): boolean };
    chat: {
      get(id: string): PageChat | undefined;
      find(id: string): Promise<{ id: object }>;
      getMessageById(id: string): Promise<PageMessage>;
      getReactions(id: string): Promise<{ reactions: { senders: { id: object; reactionText: string }[] }[] }>;
      sendTextMessage(chat: string, body: string, options: object): Promise<unknown>;
      sendFileMessage(chat: string, file: File, options: object): Promise<unknown>;
      sendRawMessage(chat: string, message: object, options: object): Promise<unknown>;
      sendCreatePollMessage(chat: string, question: string, options: string[], more: object): Promise<unknown>;
      sendReactionToMessage(id: string, emoji: string | false): Promise<unknown>;
      editMessage(id: string, body: string, options: object): Promise<unknown>;
      deleteMessage(chat: string, id: string, deletesFile: boolean, isForEveryone: boolean): Promise<unknown>;
    };
    contact: {
      queryExists(id: string): Promise<{ wid: object } | null | undefined>;
      getPnLidEntry(id: string): Promise<{ phoneNumber?: { id: string }; lid?: { _serialized: string } }>;
    };
    whatsapp: {
      MsgStore: { get(id: string): PageMessage | undefined };
      MediaGatingUtils?: { getUploadLimit(kind: string, origin: null): number };
    };
  };
  syszapUploads?: Map<string, Upload>;
  /** The ids that WhatsApp named for requested chats. */
  syszapNames?: Map<string, string>;
}

interface Upload {
  pieces: Uint8Array<ArrayBuffer>[];
  /** Set when the sending has begun. */
  sending?: Promise<unknown>;
  /** Adds attributes to the message of the file. */
  onAdded?: OnAdded;
}

/** The chat and the referenced message under the ids that WhatsApp uses now. */
export interface Target {
  chat: string;
  /** Why nothing can be sent to the chat. */
  refusal: "blocked" | "not_a_member" | "admins_only" | null;
  /** In a group: our own id, which is part of the keys of our messages. */
  participant: string | null;
  message: ReferencedMessage | null;
}

export interface ReferencedMessage {
  id: string;
  isDeleted: boolean;
  seconds: number;
  /** The key of its last edit, without chat and direction. */
  editKey: string | null;
}

/** Returns null if the number has no WhatsApp account. `findInGroup` is for groups. */
export async function findTarget(request: {
  chat: string;
  message: { fromMe: boolean; waKey: string } | null;
}): Promise<Target | null> {
  const { WPP } = globalThis as unknown as SendingPage;
  let chat = WPP.chat.get(request.chat);
  // The page may have a chat under an id that was only asked for, which is not the one that WhatsApp uses.
  if (!chat?.lastReceivedKey) {
    const named = await WPP.contact.queryExists(request.chat);
    if (!named && !chat) return null;
    const name = named ? String(named.wid) : request.chat;
    chat = WPP.chat.get(name) ?? (await WPP.chat.find(name));
    const page = globalThis as unknown as SendingPage;
    page.syszapNames ??= new Map();
    if (page.syszapNames.size >= 10_000) page.syszapNames.clear();
    page.syszapNames.set(request.chat, String(chat.id));
  }
  const id = String(chat.id);
  const isBlocked = WPP.blocklist.isBlocked(id) || WPP.blocklist.isBlocked(request.chat);
  const target: Target = { chat: id, refusal: isBlocked ? "blocked" : null, participant: null, message: null };
  if (!request.message) return target;
  const names = new Set([id, request.chat]);
  try {
    const entry = await WPP.contact.getPnLidEntry(request.chat);
    if (entry.lid) names.add(entry.lid._serialized);
    if (entry.phoneNumber) names.add(`${entry.phoneNumber.id}@c.us`);
  } catch {
    // only one id of the chat is known
  }
  for (const name of names) {
    const wanted = `${request.message.fromMe}_${name}_${request.message.waKey}`;
    let found = WPP.whatsapp.MsgStore.get(wanted);
    if (!found) {
      try {
        found = await WPP.chat.getMessageById(wanted);
      } catch (error) {
        if (!/not found/i.test(String(error))) throw error;
      }
    }
    if (!found) continue;
    const message = {
      id: String(found.id),
      isDeleted: found.type === "revoked",
      seconds: Number(found.t ?? 0),
      editKey: found.latestEditMsgKey ? (String(found.latestEditMsgKey).split("_")[2] ?? null) : null,
    };
    return { ...target, message };
  }
  return target;
}

/** Returns the size limit in bytes; null if WhatsApp has none. */
export function fileLimit(kind: string): number | null {
  const { MediaGatingUtils } = (globalThis as unknown as SendingPage).WPP.whatsapp;
  try {
    return MediaGatingUtils?.getUploadLimit(kind, null) ?? null;
  } catch {
    return null;
  }
}

/** Adds the next piece of a file, in base64, since the protocol of the browser carries text only. */
export function addPiece(piece: { token: string; text: string }): void {
  const page = globalThis as unknown as SendingPage;
  page.syszapUploads ??= new Map();
  const upload = page.syszapUploads.get(piece.token) ?? { pieces: [] };
  upload.pieces.push(Uint8Array.from(atob(piece.text), (char) => char.charCodeAt(0)));
  page.syszapUploads.set(piece.token, upload);
}

export function dropPieces(token: string): void {
  (globalThis as unknown as SendingPage).syszapUploads?.delete(token);
}

interface Sending {
  chat: string;
  /** The complete id, with the chat id that WhatsApp uses now: after a migration it differs from the phone number. */
  messageId: string;
  quoted: string | null;
}

export async function sendText(text: Sending & { body: string }): Promise<void> {
  const { WPP } = globalThis as unknown as SendingPage;
  await WPP.chat.sendTextMessage(text.chat, text.body, {
    messageId: text.messageId,
    waitForAck: true,
    linkPreview: false, // WhatsApp would fetch the link through a third-party server
    ...(text.quoted === null ? {} : { quotedMsg: text.quoted }),
  });
}

interface SentFile extends Sending {
  token: string;
  as: string;
  caption: string;
  mimeType: string;
  fileName: string | null;
  /** Attributes that the library has no option for. */
  attributes: Record<string, unknown>;
}

/** Starts the upload; `awaitFile` returns its outcome. */
export function beginFile(sent: SentFile): void {
  const page = globalThis as unknown as SendingPage;
  const upload = page.syszapUploads?.get(sent.token);
  if (!upload) return;
  // WhatsApp adds the message to the chat, uploads the file, and then sends the message as it is by then.
  upload.onAdded = (message) => {
    if (String(message.id) === sent.messageId) message.set(sent.attributes);
  };
  const { onAdded } = upload;
  const messages = page.WPP.chat.get(sent.chat)?.msgs;
  if (Object.keys(sent.attributes).length > 0) messages?.on("add", onAdded);
  const file = new File(upload.pieces, sent.fileName ?? sent.as, { type: sent.mimeType });
  upload.pieces = [];
  upload.sending = page.WPP.chat.sendFileMessage(sent.chat, file, {
    type: sent.as === "voice" ? "audio" : sent.as,
    ...(sent.as === "voice" ? { isPtt: true } : {}),
    ...(sent.caption === "" ? {} : { caption: sent.caption }),
    messageId: sent.messageId,
    waitForAck: true,
    ...(sent.quoted === null ? {} : { quotedMsg: sent.quoted }),
  });
  // `awaitFile` rejects with its error.
  upload.sending.catch(() => undefined).finally(() => messages?.off("add", onAdded));
}

/** `unknown`: the page was reloaded since the pieces were added. Rejects if WhatsApp refuses the file. */
export async function awaitFile(request: {
  token: string;
  timeoutMs: number;
}): Promise<"sent" | "sending" | "unknown"> {
  const { syszapUploads } = globalThis as unknown as SendingPage;
  const sending = syszapUploads?.get(request.token)?.sending;
  if (!sending) return "unknown";
  const longer = new Promise<"sending">((resolve) => setTimeout(resolve, request.timeoutMs, "sending"));
  return await Promise.race([sending.then(() => "sent" as const), longer]);
}

/** Sends a message that consists of WhatsApp's own attributes, such as a location or contact cards. */
export async function sendAttributes(sent: Sending & { attributes: Record<string, unknown> }): Promise<void> {
  const { WPP } = globalThis as unknown as SendingPage;
  await WPP.chat.sendRawMessage(sent.chat, sent.attributes, {
    messageId: sent.messageId,
    waitForAck: true,
    ...(sent.quoted === null ? {} : { quotedMsg: sent.quoted }),
  });
}

/** In WhatsApp, 0 selectable options means no limit. */
export async function sendPoll(
  sent: Sending & { question: string; options: string[]; mostChoices: number | null },
): Promise<void> {
  const { WPP } = globalThis as unknown as SendingPage;
  await WPP.chat.sendCreatePollMessage(sent.chat, sent.question, sent.options, {
    selectableCount: sent.mostChoices ?? 0,
    messageId: sent.messageId,
    waitForAck: true,
    ...(sent.quoted === null ? {} : { quotedMsg: sent.quoted }),
  });
}

export async function react(reaction: { id: string; emoji: string }): Promise<void> {
  const { WPP } = globalThis as unknown as SendingPage;
  await WPP.chat.sendReactionToMessage(reaction.id, reaction.emoji === "" ? false : reaction.emoji);
}

/** Returns our own reaction; empty if there is none. */
export async function ownReaction(id: string): Promise<string> {
  const { WPP } = globalThis as unknown as SendingPage;
  const { reactions } = await WPP.chat.getReactions(id);
  const own = reactions.flatMap(({ senders }) => senders).find(({ id: key }) => String(key).startsWith("true_"));
  return own?.reactionText ?? "";
}

export async function editText(edit: { id: string; messageId: string; body: string }): Promise<void> {
  const { WPP } = globalThis as unknown as SendingPage;
  await WPP.chat.editMessage(edit.id, edit.body, { messageId: edit.messageId, waitForAck: true, linkPreview: false });
}

/** Returns false if the message is not deleted within `timeoutMs`. WhatsApp's own call does not return the outcome. */
export async function deleteForEveryone(deletion: { chat: string; id: string; timeoutMs: number }): Promise<boolean> {
  const { WPP } = globalThis as unknown as SendingPage;
  await WPP.chat.deleteMessage(deletion.chat, deletion.id, false, true);
  for (let waitedMs = 0; waitedMs < deletion.timeoutMs; waitedMs += 50) {
    if (WPP.whatsapp.MsgStore.get(deletion.id)?.type === "revoked") return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
