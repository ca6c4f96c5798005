/**
 * Functions that run in WhatsApp's page and use wa-js. Each is sent there as text, so it must not use anything from outside
 * its body. It must not name inner functions either: bundlers wrap those with a helper that the page lacks.
 */

interface PageModel {
  id: { toString(): string; _serialized?: string };
  [attribute: string]: unknown;
}

interface PageWid {
  user: string;
  _serialized: string;
}

interface PageStore {
  get(id: string): PageModel | undefined;
  getModelsArray(): PageModel[];
  on(events: string, listener: (model: PageModel) => void): void;
}

interface Page {
  document: { querySelector(selector: string): unknown; body: { innerText: string } | null };
  WPP?: {
    isReady: boolean;
    on(event: string, listener: (payload: never) => void): void;
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
      UserPrefs: { getMaybeMePnUser(): PageWid | null; getMaybeMeLidUser?(): PageWid | null };
      ChatStore: PageStore;
      ContactStore: PageStore;
      MsgStore: PageStore;
      ProfilePicThumbStore: PageStore;
    };
  };
  onAnyMessage?: { exposed?: boolean };
  onAck?: { exposed?: boolean };
  syszapIsHooked?: boolean;
  syszapContact(change: { id: string; name: string | null; username: string | null }): void;
  syszapPicture(id: string): void;
  syszapRead(id: string): void;
  syszapLocation(location: { id: string; latitude: number; longitude: number; hasEnded: boolean }): void;
  syszapEmitsPairing?: boolean;
  /** Set by `findTarget`. */
  syszapNames?: Map<string, string>;
  syszapPairing(event: { code: string } | { code: null; why: string }): void;
}

type ReadyPage = Page & { WPP: NonNullable<Page["WPP"]> };

export interface PageReading {
  isRegistered: boolean;
  mode: string;
  info: string;
  socket: string;
  /** Whether the browser reaches WhatsApp. */
  isOnline: boolean;
  /** The warning that the page shows: the phone, or this computer, is not connected. */
  alert: "phone" | "computer" | null;
  /** Whether the page shows a text about passkeys instead of a code. */
  showsPasskey: boolean;
  /** Digits of the linked phone's number; null while it is unknown. */
  phoneNumber: string | null;
  /** Digits of the linked phone's LID. */
  lid: string | null;
  /** Whether the library's listeners are attached, so that no event is missed. */
  isListening: boolean;
  /** Whether `installHooks` ran in this page. */
  isHooked: boolean;
}

/** Returns null while the page loads. */
export function readPage(): PageReading | null {
  const page = globalThis as unknown as Page;
  if (!page.WPP?.isReady) return null;
  try {
    const stream = page.WPP.conn.getStreamData();
    const { document } = page;
    const isRegistered = page.WPP.conn.isRegistered();
    const hidesCode = !isRegistered && !document.querySelector("[data-ref] canvas");
    // biome-ignore lint/performance/useDomNodeTextContent: only visible text counts, not that of scripts
    const visibleText = hidesCode ? (document.body?.innerText ?? "") : "";
    const phoneAlert = document.querySelector('[data-testid="alert-phone"]') ? "phone" : null;
    return {
      isRegistered,
      mode: stream.mode,
      info: stream.info,
      socket: page.WPP.whatsapp.Socket.state,
      isOnline: page.WPP.conn.isOnline() !== false, // undefined does not mean offline
      alert: document.querySelector('[data-testid="alert-computer"]') ? "computer" : phoneAlert,
      // English, Portuguese and Spanish; most other languages of WhatsApp keep the English word.
      showsPasskey: /passkey|chave de acesso|clave de acceso|llave de acceso/i.test(visibleText),
      phoneNumber: page.WPP.whatsapp.UserPrefs.getMaybeMePnUser()?.user ?? null,
      lid: page.WPP.whatsapp.UserPrefs.getMaybeMeLidUser?.()?.user ?? null,
      isListening: page.onAnyMessage?.exposed === true && page.onAck?.exposed === true,
      isHooked: page.syszapIsHooked === true,
    };
  } catch {
    return null; // the page is loaded, but not its account
  }
}

/** Emits changed names, pictures and live locations, which the library does not. Must be called after each load of the page. */
export function installHooks(): void {
  const page = globalThis as unknown as ReadyPage;
  if (page.syszapIsHooked) return;
  page.syszapIsHooked = true;
  const { ContactStore, ProfilePicThumbStore, ChatStore, MsgStore } = page.WPP.whatsapp;
  ContactStore.on("change:name change:pushname change:verifiedName change:username", (contact) => {
    const name = (contact.name ?? contact.pushname ?? contact.verifiedName ?? null) as string | null;
    page.syszapContact({ id: String(contact.id), name, username: (contact.username ?? null) as string | null });
  });
  ProfilePicThumbStore.on("change:tag", (picture) => page.syszapPicture(String(picture.id)));
  // The page sets the count to 0 when any device of the account has read the chat.
  ChatStore.on("change:unreadCount", (chat) => {
    if (Number(chat.unreadCount ?? 0) === 0) page.syszapRead(String(chat.id));
  });
  // Read after the event: the page sets latitude and longitude one after the other.
  MsgStore.on("change:lat change:lng change:finalLat change:finalLng change:isLive", (message) => {
    queueMicrotask(() => {
      const isLocation = message.type === "location" || message.type === "live_location";
      const latitude = Number(message.finalLat ?? message.lat ?? Number.NaN);
      const longitude = Number(message.finalLng ?? message.lng ?? Number.NaN);
      if (!isLocation || !Number.isFinite(latitude) || !Number.isFinite(longitude)) return;
      const hasEnded = message.isLive === false || typeof message.finalLat === "number";
      page.syszapLocation({ id: String(message.id), latitude, longitude, hasEnded });
    });
  });
  ChatStore.on("add", (chat) => void page.WPP.contact.subscribePresence([String(chat.id)]));
}

/**
 * Requests pairing codes, which `syszapPairing` receives until the phone is linked. wa-js ignores requests before its
 * `main_ready`.
 */
export async function pairByPhone(phoneNumber: string): Promise<void> {
  const page = globalThis as unknown as ReadyPage;
  const { WPP } = page;
  if (WPP.conn.isRegistered()) return;
  if (!page.syszapEmitsPairing) {
    page.syszapEmitsPairing = true;
    WPP.on("conn.link_code_change", (code: string) => page.syszapPairing({ code }));
    WPP.on("conn.link_code_expired", () => page.syszapPairing({ code: null, why: "no further codes" }));
    WPP.on("conn.link_code_error", (error: Error) => page.syszapPairing({ code: null, why: error.message }));
  }
  if (!WPP.conn.isMainReady()) await new Promise<void>((resolve) => WPP.once("conn.main_ready", resolve));
  WPP.conn.startLinkDeviceCodeForPhoneNumber(phoneNumber).then(
    (code) => page.syszapPairing({ code }), // there is no event for a code that exists already
    () => undefined, // emitted as an event
  );
}

/** Subscribes to typing events, which WhatsApp sends only for subscribed chats. */
export async function watchTyping(maxChats: number): Promise<void> {
  const page = globalThis as unknown as ReadyPage;
  const chats = page.WPP.whatsapp.ChatStore.getModelsArray().slice(0, maxChats);
  await page.WPP.contact.subscribePresence(chats.map((chat) => String(chat.id)));
}

/** Returns the ack of an outgoing message under any id of its chat; null if there is no such message. */
export async function findAck(message: { chat: string; waKey: string }): Promise<number | null> {
  const { WPP, syszapNames } = globalThis as unknown as ReadyPage;
  const named = syszapNames?.get(message.chat);
  const names = new Set([message.chat, ...(named === undefined ? [] : [named])]);
  try {
    const entry = await WPP.contact.getPnLidEntry(message.chat);
    if (entry.lid) names.add(entry.lid._serialized);
    if (entry.phoneNumber) names.add(`${entry.phoneNumber.id}@c.us`);
  } catch {
    // only one id of the chat is known
  }
  const keys = [...names].map((name) => `true_${name}_${message.waKey}`);
  if (message.chat.endsWith("@g.us")) {
    const own = [WPP.whatsapp.UserPrefs.getMaybeMeLidUser?.(), WPP.whatsapp.UserPrefs.getMaybeMePnUser()];
    keys.unshift(...own.flatMap((wid) => (wid ? [`true_${message.chat}_${message.waKey}_${wid._serialized}`] : [])));
  }
  for (const id of keys) {
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

/** Returns the digits of the phone number of a LID; null if WhatsApp does not know it. */
export async function phoneOf(lid: string): Promise<string | null> {
  const { WPP } = globalThis as unknown as ReadyPage;
  return (await WPP.contact.getPnLidEntry(lid)).phoneNumber?.id ?? null;
}
