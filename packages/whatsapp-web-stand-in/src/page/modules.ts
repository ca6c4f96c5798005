import { type Modules, reactionsTo, votesIn } from "./changes.ts";
import { ChatModel, ContactModel } from "./contact-models.ts";
import { GroupMetadataModel, ParticipantCollection, ParticipantModel } from "./group-models.ts";
import { MsgModel } from "./message-model.ts";
import { Model } from "./model.ts";
import type { PageController } from "./page-controller.ts";
import {
  BlocklistCollection,
  CallCollection,
  ChatCollection,
  ContactCollection,
  MsgCollection,
  ProfilePicThumbCollection,
} from "./page-models.ts";
import { sending, sendRevokeMsgs } from "./sending.ts";
import { MsgKey, Wid, widFactory } from "./wid.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const encodeB64 = (bytes: Uint8Array | ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const decodeB64 = (text: string) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
const version = "2.3000.1032000000";

/** Stores, and the classes by which wa-js identifies them. */
function stores({ models }: PageController): Modules {
  return {
    WAWebChatCollection: { ChatCollection: models.chats, ChatCollectionImpl: ChatCollection },
    WAWebMsgCollection: { MsgCollection: models.messages, MsgCollectionImpl: MsgCollection },
    WAWebContactCollection: { ContactCollection: models.contacts, ContactCollectionImpl: ContactCollection },
    WAWebGroupMetadataCollection: { default: models.groups },
    WAWebGroupMetadataModel: { default: GroupMetadataModel },
    WAWebParticipantCollection: { default: ParticipantCollection },
    WAWebParticipantModel: { default: ParticipantModel },
    WAWebPresenceCollection: { PresenceCollection: models.presences },
    WAWebProfilePicThumbCollection: {
      ProfilePicThumbCollection: models.pictures,
      ProfilePicThumbCollectionImpl: ProfilePicThumbCollection,
    },
    WAWebBlocklistCollection: { BlocklistCollection: models.blocklist, BlocklistCollectionImpl: BlocklistCollection },
    WAWebCallCollection: { default: models.calls, CallCollectionImpl: CallCollection },
    WAWebCollections: {
      default: {
        Chat: models.chats,
        Msg: models.messages,
        Contact: models.contacts,
        Presence: models.presences,
        GroupMetadata: models.groups,
      },
    },
    WAWebMsgModel: { default: MsgModel },
    WAWebChatModel: { default: ChatModel },
    WAWebContactModel: { default: ContactModel },
    WAWebModel: { defineModel: (model: unknown) => model, BaseModel: Model },
  };
}

/** Login, connection state and device linking. */
function connection(controller: PageController): Modules {
  const { models } = controller;
  const registered = () => {
    if (models.isRegistered === undefined) throw new Error("The browser profile has not been read yet.");
    return models.isRegistered;
  };
  return {
    WAWebConnModel: { Conn: models.conn, ConnImpl: Model },
    WAWebCmd: {
      Cmd: Object.assign(models.cmd, {
        refreshQR: () => controller.connection.send({ kind: "new_qr" }),
        sendRevokeMsgs: sendRevokeMsgs(controller),
      }),
      CmdImpl: Object,
    },
    WAWebSocketModel: {
      Socket: Object.assign(models.socket, {
        initConn: () => {},
        logout: () => controller.logOut(),
        takeover: () => {},
      }),
    },
    WAWebStreamModel: { Stream: Object.assign(models.stream, { markAvailable: () => {}, markUnavailable: () => {} }) },
    WAWebNetworkStatus: { default: Object.assign(models.network, { checkOnline: () => true }) },
    WAWebUserPrefsMeUser: {
      getMaybeMeUser: () => models.me,
      getMaybeMePnUser: () => models.me,
      getMaybeMeLidUser: () => models.myLid,
      getMeLidUserOrThrow: () => models.myLid,
    },
    WAWebIsRegistered: { isRegistered: registered },
    WAWebIsLoggedIn: { isLoggedIn: registered },
    WAWebSignalStore: {
      waSignalStore: {
        getRegistrationInfo: async () => ({ identityKeyPair: { pubKey: decodeB64(controller.qr?.identityKey ?? "") } }),
      },
    },
    WAWebNoiseInfo: {
      waNoiseInfo: { get: async () => ({ staticKeyPair: { pubKey: decodeB64(controller.qr?.staticKey ?? "") } }) },
    },
    WAWebAdv: { getADVSecretKey: () => controller.qr?.secret ?? "", setADVSignedIdentity: () => {} },
    WAWebLinkDeviceEvents: { WAWebLinkDeviceEvents: models.linkEvents },
    WAWebAltDeviceLinkingApi: {
      initializeAltDeviceLinking: async () => {},
      genLinkDeviceCodeForPhoneNumber: async (phone: string) => {
        const code = await controller.connection.request("link_code", `${phone}@c.us`);
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

/** Actions on chats and messages. */
function actions(controller: PageController): Modules {
  const { models } = controller;
  const sendTyping = (state: "composing" | "recording" | "paused") => async (chat: ChatModel) =>
    controller.connection.send({ kind: "typing", chat: String(chat.id), state });
  const older = async (query: { anchor: MsgKey; count: number; direction?: string }) => {
    const all = models.chat(query.anchor.remote).msgs._models;
    const at = all.findIndex((message) => String(message.id) === String(query.anchor));
    const start = Number.isFinite(query.count) ? Math.max(0, at - query.count) : 0;
    return { messages: query.direction === "after" ? all.slice(at + 1) : all.slice(start, Math.max(0, at)) };
  };
  const exists = async (wid: Wid) => {
    const id = (await controller.connection.request("exists", String(wid))) as string | null;
    return id === null ? null : { wid: new Wid(id), biz: false };
  };
  return {
    WAWebFindChatAction: {
      findOrCreateLatestChat: async (wid: Wid) => {
        const id = models.lidOf.get(String(wid)) ?? String(wid);
        const known = models.chats.get(id);
        if (known) return { chat: known };
        const found = await exists(wid);
        return { chat: found ? models.chat(new Wid(models.lidOf.get(String(wid)) ?? String(found.wid))) : undefined };
      },
    },
    WAWebSendMsgChatAction: {
      addAndSendMsgToChat: (_chat: ChatModel, data: Record<string, unknown>) => {
        const model = new MsgModel(data);
        const known = models.messages.get(model.id);
        if (!known) models.addMessage(model, false);
        const message = models.messages.add(known ?? model);
        const sent = controller.send(message).then((t) => ({ messageSendResult: "OK", t }));
        return [Promise.resolve(message), sent];
      },
    },
    WAWebQueryExistsJob: { queryWidExists: exists, queryPhoneExists: exists },
    WAWebUpdateUnreadChatAction: {
      markUnread: async () => {},
      sendSeen: async ({ chat }: { chat: ChatModel }) => {
        chat.set({ unreadCount: 0 });
        controller.connection.send({ kind: "read", chat: String(chat.id) });
      },
    },
    WAWebChatStateBridge: {
      markComposing: sendTyping("composing"),
      markRecording: sendTyping("recording"),
      markPaused: sendTyping("paused"),
    },
    WAWebContactPresenceBridge: {
      subscribePresence: async (wid: Wid) => controller.connection.send({ kind: "watch_presence", chat: String(wid) }),
    },
    WAWebDBMessageFindLocal: { msgFindBefore: older, msgFindAfter: older, msgFindByDirection: older },
    WAWebSearchContext: {
      getSearchContext: (_query: unknown) => ({
        collection: { loadAroundPromise: Promise.resolve(), get: () => undefined },
      }),
    },
    WAWebReactionsAction: { addOrUpdateReactionsModelCollection: async () => {} },
    WAWebReactionsUtils: { getReactions: async (id: unknown) => reactionsOf(models.messages.get(String(id))) },
    WAWebPollsVotesDb: { upsertVotesDb: async () => {} },
    WAWebPollsVotesCollection: {
      getVote: async () => undefined,
      getVotes: async (polls: MsgKey[]) => polls.flatMap((poll) => asVotes(models.messages.get(String(poll)))),
    },
    WAWebQuotedMsg: { getQuotedMsgObj: () => null, canReplyMsg: () => true },
    WAWebEphemeral: { getEphemeralFields: () => ({}) },
  };
}

function constants({ models }: PageController): Modules {
  const phoneOf = (lid: Wid) => {
    const entry = [...models.lidOf].find(([, known]) => known === String(lid));
    return entry ? new Wid(entry[0]) : null;
  };
  const currentLid = (wid: Wid) => {
    const lid = models.lidOf.get(String(wid));
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
    WAWebLidMigration: { Lid1X1MigrationUtils: { isLidMigrated: () => models.lidOf.size > 0 } },
    WAWebBase64: { encodeB64, decodeB64 },
    WAWebTime: { unixTime: () => Math.floor(Date.now() / 1000), unixTimeMs: () => Date.now() },
    WAWebRandom: { md5: (text: string) => encodeB64(bytesOf(text)) },
  };
}

/**
 * The modules of WhatsApp Web that wa-js needs for the functions we use. wa-js finds each by its shape, not by its
 * name.
 */
export const buildModules = (controller: PageController): Modules => ({
  ...stores(controller),
  ...connection(controller),
  ...actions(controller),
  ...sending(controller),
  ...constants(controller),
});

/** Votes in the format of WhatsApp's own function. */
const asVotes = (poll: Model | undefined) =>
  votesIn(poll).map(({ chosen, sender, t }) => ({
    selectedOptionLocalIds: chosen,
    senderTimestampMs: t,
    sender: new Wid(sender),
  }));

/** Reactions in the format of WhatsApp's own function. */
const reactionsOf = (message: Model | undefined) => ({
  reactions: reactionsTo(message)
    .filter(({ text }) => text !== "")
    .map((each) => ({
      aggregateEmoji: each.text,
      hasReactionByMe: each.id.startsWith("true_"),
      senders: [
        {
          ...{ msgKey: MsgKey.fromString(each.id), msgId: message?.id, parentMsgKey: message?.id },
          ...{ senderUserJid: each.sender, reactionText: each.text, timestamp: each.t, read: false, orphan: 0 },
        },
      ],
    })),
});
