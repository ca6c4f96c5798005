/**
 * What runs inside WhatsApp's page, by way of wa-js. Each function is sent there as text, so it may use nothing from
 * outside itself, and names no inner function (bundlers would wrap those with a helper that the page lacks).
 */

interface PageModel {
  id: { toString(): string; _serialized?: string };
  [attribute: string]: unknown;
}
interface PageStore {
  get(id: string): PageModel | undefined;
  getModelsArray(): PageModel[];
  on(events: string, listener: (model: PageModel) => void): void;
}
interface PageReaction {
  id: object;
  msgId: object;
  reactionText: string;
  timestamp: number;
}
interface Page {
  document: { querySelector(selector: string): unknown };
  WPP?: {
    isReady: boolean;
    on(event: string, listener: (told: never) => void): void;
    once(event: string, listener: () => void): void;
    conn: {
      isRegistered(): boolean;
      isOnline(): boolean | undefined;
      isMainReady(): boolean;
      getStreamData(): { mode: string; info: string };
      startLinkDeviceCodeForPhoneNumber(phoneNumber: string): Promise<string>;
    };
    chat: {
      get(id: string): PageModel | undefined;
      find(id: string): Promise<PageModel>;
      getMessageById(id: string): Promise<PageModel>;
      getMessages(chat: string, options: { count: number }): Promise<PageModel[]>;
      getReactions(id: string): Promise<{ reactions: { senders: PageReaction[] }[] }>;
      markIsComposing(chat: string): Promise<void>;
      markIsRecording(chat: string): Promise<void>;
      markIsPaused(chat: string): Promise<void>;
      markIsRead(chat: string): Promise<unknown>;
    };
    contact: {
      getPnLidEntry(id: string): Promise<{ phoneNumber?: { id: string }; lid?: { _serialized: string } }>;
      subscribePresence(ids: string[]): Promise<unknown>;
    };
    whatsapp: {
      Socket: { state: string };
      UserPrefs: { getMaybeMePnUser(): { user: string } | null };
      ChatStore: PageStore;
      ContactStore: PageStore;
      MsgStore: PageStore;
      ProfilePicThumbStore: PageStore;
    };
  };
  WAPI: { processMessageObj(message: PageModel, alsoOurs: boolean, notices: boolean): unknown };
  onAnyMessage?: { exposed?: boolean };
  onAck?: { exposed?: boolean };
  syszapIsHooked?: boolean;
  syszapContact(change: { id: string; name: string | null }): void;
  syszapPicture(id: string): void;
  syszapTellsPairing?: boolean;
  syszapPairing(told: { code: string } | { code: null; why: string }): void;
}
type ReadyPage = Page & { WPP: NonNullable<Page["WPP"]> };

export interface PageReading {
  isRegistered: boolean;
  mode: string;
  info: string;
  socket: string;
  /** The browser reaches WhatsApp. */
  isOnline: boolean;
  /** What the page warns of: the phone, or this computer, is not connected. */
  alert: "phone" | "computer" | null;
  /** Digits of the linked phone; null while WhatsApp has not told. */
  phoneNumber: string | null;
  /** The library's listeners are attached: what arrives from now on is heard. */
  isListening: boolean;
  isHooked: boolean;
}

/** Null while the page loads. */
export function readPage(): PageReading | null {
  const page = globalThis as unknown as Page;
  if (!page.WPP?.isReady) return null;
  try {
    const stream = page.WPP.conn.getStreamData();
    const { document } = page;
    const phoneAlert = document.querySelector('[data-testid="alert-phone"]') ? "phone" : null;
    return {
      isRegistered: page.WPP.conn.isRegistered(),
      mode: stream.mode,
      info: stream.info,
      socket: page.WPP.whatsapp.Socket.state,
      isOnline: page.WPP.conn.isOnline() !== false, // unknown is not away
      alert: document.querySelector('[data-testid="alert-computer"]') ? "computer" : phoneAlert,
      phoneNumber: page.WPP.whatsapp.UserPrefs.getMaybeMePnUser()?.user ?? null,
      isListening: page.onAnyMessage?.exposed === true && page.onAck?.exposed === true,
      isHooked: page.syszapIsHooked === true,
    };
  } catch {
    return null; // the page is there, its account not yet
  }
}

/** The library tells nothing of changed names and pictures; gone with each load of the page. */
export function installHooks(): void {
  const page = globalThis as unknown as ReadyPage;
  if (page.syszapIsHooked) return;
  page.syszapIsHooked = true;
  const { ContactStore, ProfilePicThumbStore, ChatStore } = page.WPP.whatsapp;
  ContactStore.on("change:name change:pushname", (contact) => {
    page.syszapContact({ id: String(contact.id), name: (contact.name ?? contact.pushname ?? null) as string | null });
  });
  ProfilePicThumbStore.on("change:tag", (picture) => page.syszapPicture(String(picture.id)));
  ChatStore.on("add", (chat) => void page.WPP.contact.subscribePresence([String(chat.id)]));
}

/** Codes for this number are told by `syszapPairing`, until the phone is linked. wa-js forgets what it was asked before its `main_ready`. */
export async function pairByPhone(phoneNumber: string): Promise<void> {
  const page = globalThis as unknown as ReadyPage;
  const { WPP } = page;
  if (WPP.conn.isRegistered()) return;
  if (!page.syszapTellsPairing) {
    page.syszapTellsPairing = true;
    WPP.on("conn.link_code_change", (code: string) => page.syszapPairing({ code }));
    WPP.on("conn.link_code_expired", () => page.syszapPairing({ code: null, why: "no further codes" }));
    WPP.on("conn.link_code_error", (error: Error) => page.syszapPairing({ code: null, why: error.message }));
  }
  if (!WPP.conn.isMainReady()) await new Promise<void>((resolve) => WPP.once("conn.main_ready", resolve));
  WPP.conn.startLinkDeviceCodeForPhoneNumber(phoneNumber).then(
    (code) => page.syszapPairing({ code }), // for a code that it had already, no event comes
    () => undefined, // told as an event
  );
}

/** WhatsApp tells who types only to whoever asked, chat by chat. */
export async function watchTyping(mostChats: number): Promise<void> {
  const page = globalThis as unknown as ReadyPage;
  const chats = page.WPP.whatsapp.ChatStore.getModelsArray().slice(0, mostChats);
  await page.WPP.contact.subscribePresence(chats.map((chat) => String(chat.id)));
}

/**
 * The library's own form of messages, oldest first in each chat: `told` are those since then or unread, `changed` older ones of
 * which only what became of them is news, `reactions` those to any of them. JSON, since the page's ids are objects.
 * Whole seconds: of several messages in one, whoever is told of the later first would put it first.
 */
export async function listSince(since: {
  seconds: number;
  changesFromSeconds: number;
  mostPerChat: number;
}): Promise<string> {
  const page = globalThis as unknown as ReadyPage;
  const told: unknown[] = [];
  const changed: unknown[] = [];
  const reactions: unknown[] = [];
  for (const chat of page.WPP.whatsapp.ChatStore.getModelsArray()) {
    const id = String(chat.id);
    const unread = Math.max(0, Number(chat.unreadCount ?? 0));
    if (!/@(c\.us|lid)$/.test(id) || (unread === 0 && Number(chat.t ?? 0) < since.changesFromSeconds)) continue;
    const messages = await page.WPP.chat.getMessages(id, { count: since.mostPerChat });
    const received = messages.filter((message) => String(message.id).startsWith("false_"));
    const oldestUnread = Number(received[received.length - Math.min(unread, received.length)]?.t ?? since.seconds);
    for (const message of messages) {
      const seconds = Number(message.t ?? 0);
      const isTold = seconds >= Math.min(since.seconds, oldestUnread);
      if (!isTold && seconds < since.changesFromSeconds) continue;
      const known = page.WAPI.processMessageObj(message, true, false);
      if (!known) continue;
      (isTold ? told : changed).push(known);
      if (message.hasReaction !== true) continue;
      try {
        const found = await page.WPP.chat.getReactions(String(message.id));
        for (const { id, msgId, reactionText, timestamp } of found.reactions.flatMap(({ senders }) => senders))
          reactions.push({ id: String(id), msgId: String(msgId), reactionText, timestamp });
      } catch {
        // the message itself is worth more than who liked it
      }
    }
  }
  return JSON.stringify({ told, changed, reactions });
}

/** The ack of a message of ours under any name of its chat; null when there is no such message. */
export async function findAck(message: { chat: string; waKey: string }): Promise<number | null> {
  const { WPP } = globalThis as unknown as ReadyPage;
  const names = new Set([message.chat]);
  try {
    const entry = await WPP.contact.getPnLidEntry(message.chat);
    if (entry.lid) names.add(entry.lid._serialized);
    if (entry.phoneNumber) names.add(`${entry.phoneNumber.id}@c.us`);
  } catch {
    // a chat of which only one name is known
  }
  for (const name of names) {
    const id = `true_${name}_${message.waKey}`;
    let found = WPP.whatsapp.MsgStore.get(id);
    if (!found) {
      try {
        found = await WPP.chat.getMessageById(id);
      } catch (error) {
        if (!/not found/i.test(String(error))) throw error;
      }
    }
    if (found) return Number(found.ack ?? 0);
  }
  return null;
}

export async function setTyping(typing: { chat: string; state: string }): Promise<void> {
  const { WPP } = globalThis as unknown as ReadyPage;
  const known = WPP.chat.get(typing.chat) ?? (await WPP.chat.find(typing.chat));
  const chat = String(known.id);
  if (typing.state === "composing") await WPP.chat.markIsComposing(chat);
  else if (typing.state === "recording") await WPP.chat.markIsRecording(chat);
  else await WPP.chat.markIsPaused(chat);
}

export async function markRead(id: string): Promise<void> {
  const { WPP } = globalThis as unknown as ReadyPage;
  const known = WPP.chat.get(id) ?? (await WPP.chat.find(id));
  await WPP.chat.markIsRead(String(known.id));
}

/** Digits of the person behind an anonymous id; null when WhatsApp does not tell. */
export async function phoneOf(lid: string): Promise<string | null> {
  const { WPP } = globalThis as unknown as ReadyPage;
  return (await WPP.contact.getPnLidEntry(lid)).phoneNumber?.id ?? null;
}
