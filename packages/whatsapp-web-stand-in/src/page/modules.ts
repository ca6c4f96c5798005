import type { WireReaction } from "../protocol.ts";
import type { Account } from "./account.ts";
import type { Modules } from "./changes.ts";
import { MsgModel } from "./message-model.ts";
import { Model } from "./model.ts";
import { ChatModel, ContactModel } from "./people-models.ts";
import { sending, sendRevokeMsgs } from "./sending.ts";
import { MsgKey, Wid, widFactory } from "./wid.ts";
import {
  BlocklistCollection,
  CallCollection,
  ChatCollection,
  ContactCollection,
  MsgCollection,
  ProfilePicThumbCollection,
} from "./world.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const encodeB64 = (bytes: Uint8Array | ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const decodeB64 = (text: string) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
const version = "2.3000.1032000000";

/** Stores, and the classes by which wa-js tells them apart. */
function stores({ world }: Account): Modules {
  return {
    WAWebChatCollection: { ChatCollection: world.chats, ChatCollectionImpl: ChatCollection },
    WAWebMsgCollection: { MsgCollection: world.messages, MsgCollectionImpl: MsgCollection },
    WAWebContactCollection: { ContactCollection: world.contacts, ContactCollectionImpl: ContactCollection },
    WAWebPresenceCollection: { PresenceCollection: world.presences },
    WAWebProfilePicThumbCollection: {
      ProfilePicThumbCollection: world.pictures,
      ProfilePicThumbCollectionImpl: ProfilePicThumbCollection,
    },
    WAWebBlocklistCollection: { BlocklistCollection: world.blocklist, BlocklistCollectionImpl: BlocklistCollection },
    WAWebCallCollection: { default: world.calls, CallCollectionImpl: CallCollection },
    WAWebCollections: {
      default: { Chat: world.chats, Msg: world.messages, Contact: world.contacts, Presence: world.presences },
    },
    WAWebMsgModel: { default: MsgModel },
    WAWebChatModel: { default: ChatModel },
    WAWebContactModel: { default: ContactModel },
    WAWebModel: { defineModel: (model: unknown) => model, BaseModel: Model },
  };
}

/** Who is logged in, how well the line is, and how a device is linked. */
function connection(account: Account): Modules {
  const { world } = account;
  const registered = () => {
    if (world.isRegistered === undefined) throw new Error("the profile was not read yet");
    return world.isRegistered;
  };
  return {
    WAWebConnModel: { Conn: world.conn, ConnImpl: Model },
    WAWebCmd: {
      Cmd: Object.assign(world.cmd, {
        refreshQR: () => account.connection.tell({ kind: "new_qr" }),
        sendRevokeMsgs: sendRevokeMsgs(account),
      }),
      CmdImpl: Object,
    },
    WAWebSocketModel: {
      Socket: Object.assign(world.socket, { initConn: () => {}, logout: () => account.logOut(), takeover: () => {} }),
    },
    WAWebStreamModel: { Stream: Object.assign(world.stream, { markAvailable: () => {}, markUnavailable: () => {} }) },
    WAWebNetworkStatus: { default: Object.assign(world.network, { checkOnline: () => true }) },
    WAWebUserPrefsMeUser: {
      getMaybeMeUser: () => world.me,
      getMaybeMePnUser: () => world.me,
      getMaybeMeLidUser: () => world.myLid,
      getMeLidUserOrThrow: () => world.myLid,
    },
    WAWebIsRegistered: { isRegistered: registered },
    WAWebIsLoggedIn: { isLoggedIn: registered },
    WAWebSignalStore: {
      waSignalStore: {
        getRegistrationInfo: async () => ({ identityKeyPair: { pubKey: decodeB64(account.qr?.identityKey ?? "") } }),
      },
    },
    WAWebNoiseInfo: {
      waNoiseInfo: { get: async () => ({ staticKeyPair: { pubKey: decodeB64(account.qr?.staticKey ?? "") } }) },
    },
    WAWebAdv: { getADVSecretKey: () => account.qr?.secret ?? "", setADVSignedIdentity: () => {} },
    WAWebLinkDeviceEvents: { WAWebLinkDeviceEvents: world.linkEvents },
    WAWebAltDeviceLinkingApi: {
      initializeAltDeviceLinking: async () => {},
      genLinkDeviceCodeForPhoneNumber: async (phone: string) => {
        const code = await account.connection.ask("link_code", `${phone}@c.us`);
        if (code === null) throw new Error(`not-authorized: ${phone}`);
        return code;
      },
    },
    WAWebLogoutReason: {
      getErrorCodeFromLogoutReason: () => 0,
      LogoutReason: { UserInitiated: "user_initiated" },
      LOGOUT_REASON_CODE: { user_initiated: 0 },
    },
    WAWebBackendEvents: { BackendEvent: {}, BackendEventBus: { trigger: () => {} } },
  };
}

/** What is done to chats and messages. */
function actions(account: Account): Modules {
  const { world } = account;
  const tellTyping = (state: "composing" | "recording" | "paused") => async (chat: ChatModel) =>
    account.connection.tell({ kind: "typing", chat: String(chat.id), state });
  const older = async (query: { anchor: MsgKey; count: number; direction?: string }) => {
    const all = world.chat(query.anchor.remote).msgs._models;
    const at = all.findIndex((message) => String(message.id) === String(query.anchor));
    const start = Number.isFinite(query.count) ? Math.max(0, at - query.count) : 0;
    return { messages: query.direction === "after" ? all.slice(at + 1) : all.slice(start, Math.max(0, at)) };
  };
  const exists = async (wid: Wid) => {
    const id = (await account.connection.ask("exists", String(wid))) as string | null;
    return id === null ? null : { wid: new Wid(id), biz: false };
  };
  return {
    WAWebFindChatAction: {
      findOrCreateLatestChat: async (wid: Wid) => {
        const id = world.lidOf.get(String(wid)) ?? String(wid);
        const known = world.chats.get(id);
        if (known) return { chat: known };
        const found = await exists(wid);
        return { chat: found ? world.chat(new Wid(world.lidOf.get(String(wid)) ?? String(found.wid))) : undefined };
      },
    },
    WAWebSendMsgChatAction: {
      addAndSendMsgToChat: (_chat: ChatModel, data: Record<string, unknown>) => {
        const model = new MsgModel(data);
        const known = world.messages.get(model.id);
        if (!known) world.addMessage(model, false);
        const message = world.messages.add(known ?? model);
        const sent = account.send(message).then((t) => ({ messageSendResult: "OK", t }));
        return [Promise.resolve(message), sent];
      },
    },
    WAWebQueryExistsJob: { queryWidExists: exists, queryPhoneExists: exists },
    WAWebUpdateUnreadChatAction: {
      markUnread: async () => {},
      sendSeen: async ({ chat }: { chat: ChatModel }) => {
        chat.set({ unreadCount: 0 });
        account.connection.tell({ kind: "read", chat: String(chat.id) });
      },
    },
    WAWebChatStateBridge: {
      markComposing: tellTyping("composing"),
      markRecording: tellTyping("recording"),
      markPaused: tellTyping("paused"),
    },
    WAWebContactPresenceBridge: {
      subscribePresence: async (wid: Wid) => account.connection.tell({ kind: "watch_presence", chat: String(wid) }),
    },
    WAWebDBMessageFindLocal: { msgFindBefore: older, msgFindAfter: older, msgFindByDirection: older },
    WAWebSearchContext: {
      getSearchContext: (_query: unknown) => ({
        collection: { loadAroundPromise: Promise.resolve(), get: () => undefined },
      }),
    },
    WAWebReactionsAction: { addOrUpdateReactionsModelCollection: async () => {} },
    WAWebReactionsUtils: { getReactions: async (id: unknown) => reactionsOf(world.messages.get(String(id))) },
    WAWebQuotedMsg: { getQuotedMsgObj: () => null, canReplyMsg: () => true },
    WAWebEphemeral: { getEphemeralFields: () => ({}) },
  };
}

function constants({ world }: Account): Modules {
  const phoneOf = (lid: Wid) => {
    const entry = [...world.lidOf].find(([, known]) => known === String(lid));
    return entry ? new Wid(entry[0]) : null;
  };
  const currentLid = (wid: Wid) => {
    const lid = world.lidOf.get(String(wid));
    return lid ? new Wid(lid) : null;
  };
  return {
    WAWebWid: { default: Wid },
    WAWebWidFactory: widFactory,
    WAWebMsgKey: { default: MsgKey },
    WAWebAck: {
      ACK: { FAILED: -1, CLOCK: 0, SENT: 1, RECEIVED: 2, READ: 3, PLAYED: 4 },
      ACK_STRING: { SENDER: "sender", DELIVERY: "delivery", READ: "read" },
      EDIT_ATTR: { SENDER_REVOKE: 7 },
    },
    WAWebMsgType: { MSG_TYPE: { CHAT: "chat", REVOKED: "revoked" }, SYSTEM_MESSAGE_TYPES: [] },
    WAWebSendMsgResult: { SendMsgResult: { OK: "OK", ERROR_UNKNOWN: "ERROR_UNKNOWN" } },
    WAWebSocketConstants: {
      SOCKET_STATE: { UNPAIRED: "UNPAIRED", UNPAIRED_IDLE: "UNPAIRED_IDLE", CONNECTED: "CONNECTED" },
      SOCKET_STREAM: { DISCONNECTED: "DISCONNECTED", SYNCING: "SYNCING", CONNECTED: "CONNECTED" },
      WATCHED_SOCKET_STATE: { CONNECTED: "CONNECTED" },
    },
    WAWebBuildConstants: { VERSION_STR: version, VERSION_BASE: version },
    WAWebBuildSanitized: { SANITIZED_VERSION_STR: version },
    WAWebStatusJid: { STATUS_JID: "status@broadcast" },
    WAWebLidPnCache: { lidPnCache: { getPhoneNumber: phoneOf, getCurrentLid: currentLid } },
    WAWebApiContact: { getCurrentLid: currentLid, getPhoneNumber: phoneOf },
    WAWebLidMigration: { Lid1X1MigrationUtils: { isLidMigrated: () => world.lidOf.size > 0 } },
    WAWebBase64: { encodeB64, decodeB64 },
    WAWebTime: { unixTime: () => Math.floor(Date.now() / 1000), unixTimeMs: () => Date.now() },
    WAWebRandom: { md5: (text: string) => encodeB64(bytesOf(text)) },
  };
}

/** WhatsApp's own modules, as many as wa-js needs for what we use; it finds each by its shape, so names matter little. */
export const buildModules = (account: Account): Modules => ({
  ...stores(account),
  ...connection(account),
  ...actions(account),
  ...sending(account),
  ...constants(account),
});

/** As the page's own function answers: grouped by emoji. */
function reactionsOf(message: Model | undefined) {
  const { reaction, ownReaction } = (message?.attributes ?? {}) as Partial<
    Record<"reaction" | "ownReaction", WireReaction>
  >;
  const all = [reaction, ownReaction].filter((each) => each !== undefined && each.text !== "") as WireReaction[];
  return {
    reactions: all.map((each) => ({
      aggregateEmoji: each.text,
      hasReactionByMe: each === ownReaction,
      senders: [
        {
          ...{ msgKey: MsgKey.fromString(each.id), msgId: message?.id, parentMsgKey: message?.id },
          ...{ senderUserJid: each.sender, reactionText: each.text, timestamp: each.t, read: false, orphan: 0 },
        },
      ],
    })),
  };
}
