/** What is sent from WhatsApp's page, by the rules of `page/account.ts`. Ids are WhatsApp's serialised forms. */

interface PageMessage {
  id: { toString(): string };
  [attribute: string]: unknown;
}
interface SendingPage {
  WPP: {
    blocklist: { isBlocked(id: string): boolean };
    chat: {
      get(id: string): { id: object } | undefined;
      find(id: string): Promise<{ id: object }>;
      getMessageById(id: string): Promise<PageMessage>;
      getReactions(id: string): Promise<{ reactions: { senders: { id: object; reactionText: string }[] }[] }>;
      sendTextMessage(chat: string, body: string, options: object): Promise<unknown>;
      sendFileMessage(chat: string, file: File, options: object): Promise<unknown>;
      sendLocationMessage(chat: string, options: object): Promise<unknown>;
      sendReactionToMessage(id: string, emoji: string | false): Promise<unknown>;
      editMessage(id: string, body: string, options: object): Promise<unknown>;
      deleteMessage(chat: string, id: string, deletesFile: boolean, isForEveryone: boolean): Promise<unknown>;
    };
    contact: {
      queryExists(id: string): Promise<unknown>;
      getPnLidEntry(id: string): Promise<{ phoneNumber?: { id: string }; lid?: { _serialized: string } }>;
    };
    whatsapp: {
      MsgStore: { get(id: string): PageMessage | undefined };
      MediaGatingUtils?: { getUploadLimit(kind: string, origin: null): number };
    };
  };
  syszapUploads?: Map<string, Upload>;
}

interface Upload {
  pieces: Uint8Array<ArrayBuffer>[];
  /** Once it began. */
  sending?: Promise<unknown>;
}

/** Where something goes, and the message that it is about, under whichever name WhatsApp has them now. */
export interface Reached {
  chat: string;
  isBlocked: boolean;
  about: AboutMessage | null;
}
export interface AboutMessage {
  id: string;
  isDeleted: boolean;
  seconds: number;
  /** The bare key of its last edit. */
  editKey: string | null;
}

/** Null when there is no WhatsApp on that number. */
export async function reach(asked: {
  chat: string;
  about: { fromMe: boolean; waKey: string } | null;
}): Promise<Reached | null> {
  const { WPP } = globalThis as unknown as SendingPage;
  let chat = WPP.chat.get(asked.chat);
  if (!chat) {
    if (!(await WPP.contact.queryExists(asked.chat))) return null;
    chat = await WPP.chat.find(asked.chat);
  }
  const id = String(chat.id);
  const isBlocked = WPP.blocklist.isBlocked(id) || WPP.blocklist.isBlocked(asked.chat);
  if (!asked.about) return { chat: id, isBlocked, about: null };
  const names = new Set([id, asked.chat]);
  try {
    const entry = await WPP.contact.getPnLidEntry(asked.chat);
    if (entry.lid) names.add(entry.lid._serialized);
    if (entry.phoneNumber) names.add(`${entry.phoneNumber.id}@c.us`);
  } catch {
    // a chat of which only one name is known
  }
  for (const name of names) {
    const wanted = `${asked.about.fromMe}_${name}_${asked.about.waKey}`;
    let found = WPP.whatsapp.MsgStore.get(wanted);
    if (!found) {
      try {
        found = await WPP.chat.getMessageById(wanted);
      } catch (error) {
        if (!/not found/i.test(String(error))) throw error;
      }
    }
    if (!found) continue;
    const about = {
      id: String(found.id),
      isDeleted: found.type === "revoked",
      seconds: Number(found.t ?? 0),
      editKey: found.latestEditMsgKey ? (String(found.latestEditMsgKey).split("_")[2] ?? null) : null,
    };
    return { chat: id, isBlocked, about };
  }
  return { chat: id, isBlocked, about: null };
}

/** In bytes; null where WhatsApp names none. */
export function fileLimit(kind: string): number | null {
  const { MediaGatingUtils } = (globalThis as unknown as SendingPage).WPP.whatsapp;
  try {
    return MediaGatingUtils?.getUploadLimit(kind, null) ?? null;
  } catch {
    return null;
  }
}

/** A piece of a file in base64, in order: the protocol between us and the browser carries text only. */
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
  /** Whole, with the chat as WhatsApp has it now: after a migration that is not the number that we know. */
  messageId: string;
  quoted: string | null;
}

export async function sendText(text: Sending & { body: string }): Promise<void> {
  const { WPP } = globalThis as unknown as SendingPage;
  await WPP.chat.sendTextMessage(text.chat, text.body, {
    messageId: text.messageId,
    waitForAck: true,
    linkPreview: false, // would fetch the link through somebody else's server
    ...(text.quoted === null ? {} : { quotedMsg: text.quoted }),
  });
}

/** `awaitFile` tells what becomes of it. */
export function beginFile(
  sent: Sending & { token: string; as: string; caption: string; mimeType: string; fileName: string | null },
): void {
  const page = globalThis as unknown as SendingPage;
  const upload = page.syszapUploads?.get(sent.token);
  if (!upload) return;
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
  upload.sending.catch(() => undefined); // told to whoever waits for it
}

/** `unknown`: the page was loaded again since its pieces came. Rejects as WhatsApp refuses it. */
export async function awaitFile(asked: { token: string; withinMs: number }): Promise<"sent" | "sending" | "unknown"> {
  const { syszapUploads } = globalThis as unknown as SendingPage;
  const sending = syszapUploads?.get(asked.token)?.sending;
  if (!sending) return "unknown";
  const longer = new Promise<"sending">((resolve) => setTimeout(resolve, asked.withinMs, "sending"));
  return await Promise.race([sending.then(() => "sent" as const), longer]);
}

export async function sendPlace(
  sent: Sending & { latitude: number; longitude: number; name: string | null; address: string | null },
): Promise<void> {
  const { WPP } = globalThis as unknown as SendingPage;
  await WPP.chat.sendLocationMessage(sent.chat, {
    lat: sent.latitude,
    lng: sent.longitude,
    ...(sent.name === null ? {} : { name: sent.name }),
    ...(sent.address === null ? {} : { address: sent.address }),
    messageId: sent.messageId,
    waitForAck: true,
    ...(sent.quoted === null ? {} : { quotedMsg: sent.quoted }),
  });
}

export async function react(reaction: { id: string; emoji: string }): Promise<void> {
  const { WPP } = globalThis as unknown as SendingPage;
  await WPP.chat.sendReactionToMessage(reaction.id, reaction.emoji === "" ? false : reaction.emoji);
}

/** What we reacted with; empty when we did not. */
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

/** False when WhatsApp did not show it as deleted within `withinMs`: its own order says nothing of the outcome. */
export async function deleteForEveryone(deletion: { chat: string; id: string; withinMs: number }): Promise<boolean> {
  const { WPP } = globalThis as unknown as SendingPage;
  await WPP.chat.deleteMessage(deletion.chat, deletion.id, false, true);
  for (let waitedMs = 0; waitedMs < deletion.withinMs; waitedMs += 50) {
    if (WPP.whatsapp.MsgStore.get(deletion.id)?.type === "revoked") return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
