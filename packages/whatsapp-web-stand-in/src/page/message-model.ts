import type { WireMedia, WireMessage } from "../protocol/protocol.ts";
import { Model } from "./model.ts";
import { MsgKey, Wid } from "./wid.ts";

/** Other models of the page that a message refers to. */
export interface MessageContext {
  chatOf(wid: Wid): Model | undefined;
  contactOf(wid: Wid): Model | undefined;
  self(): Model | undefined;
}

/** WAWebMsgGetters, `getIsNotification`. */
const notificationTypes = new Set([
  "notification",
  "notification_template",
  "gp2",
  "e2e_notification",
  "broadcast_notification",
]);
const mediaTypes = new Set(["image", "video", "audio", "ptt", "document", "sticker"]);

interface MediaData {
  type: string;
  mimetype: string;
  size: number;
  filehash: string;
  mediaBlob: { forceToBlob(): Blob } | null;
}

/**
 * wa-js reads these getters on the prototype and replaces those that return `undefined`. Without attributes they return
 * null.
 */
export class MsgModel extends Model {
  static context: MessageContext | undefined;

  private get key(): MsgKey | null {
    return (this.attributes?.id as MsgKey | undefined) ?? null;
  }

  /** The participant of a group. */
  private get writer(): Wid | undefined {
    return (this.attributes?.author as Wid | undefined) ?? this.key?.participant;
  }

  get isSentByMe() {
    return this.key?.fromMe ?? null;
  }

  get isStatusV3() {
    return this.key?.remote.isStatusV3() ?? null;
  }

  get isGroupMsg() {
    return this.key?.remote.isGroup() ?? null;
  }

  get isNotification() {
    if (!this.attributes) return null;
    const { type, subtype } = this.attributes;
    return notificationTypes.has(String(type)) || (type === "protocol" && subtype === "ephemeral_setting");
  }

  get isMedia() {
    return this.attributes ? mediaTypes.has(String(this.attributes.type)) : null;
  }

  get isMMS() {
    return this.isMedia;
  }

  get isLink() {
    return null;
  }

  get isPSA() {
    return null;
  }

  get quotedMsgId() {
    return null;
  }

  get chatId() {
    return this.key?.remote ?? null;
  }

  get chat() {
    return (this.key && MsgModel.context?.chatOf(this.key.remote)) ?? null;
  }

  get senderObj() {
    if (!this.key) return null;
    const { context } = MsgModel;
    return (this.key.fromMe ? context?.self() : context?.contactOf(this.writer ?? this.key.remote)) ?? null;
  }

  /** The attributes of this message that a quoting message contains. */
  msgContextInfo(): Record<string, unknown> {
    return {
      quotedStanzaID: String(this.id),
      quotedParticipant: this.writer ?? this.attributes.from,
      quotedMsg: this.toJSON(),
    };
  }

  get mediaObject() {
    return null;
  }

  async downloadMedia(): Promise<void> {
    const source = this.attributes.source as WireMedia | null;
    const media = this.attributes.mediaData as MediaData | null;
    if (!source || !media) throw new Error("The message has no media.");
    const response = await fetch(source.path);
    if (!response.ok) throw new Error(`The media download failed with status ${response.status}.`);
    const blob = await response.blob();
    media.mediaBlob = { forceToBlob: () => blob };
  }
}
Object.defineProperty(MsgModel.prototype, "proxyName", { value: "msg" });

/** As on the real page, the body of a media message is a thumbnail and not its text. */
const thumbnail = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsK";

export function messageModel(wire: WireMessage, me: Wid, isNewMsg: boolean): MsgModel {
  const chat = new Wid(wire.chat);
  const { media } = wire;
  const { recipients, ...others } = wire.attributes ?? {};
  const people = ["ephemeralSettingUser", "quotedParticipant"].flatMap((name) =>
    typeof others[name] === "string" ? [[name, new Wid(others[name])]] : [],
  );
  const attributes = {
    id: MsgKey.fromString(wire.id),
    from: wire.fromMe ? me : chat,
    to: wire.fromMe ? chat : me,
    self: wire.fromMe ? "out" : "in",
    type: wire.type,
    body: media ? thumbnail : wire.body,
    t: wire.t,
    ack: wire.ack,
    isNewMsg,
    ...others,
    ...(Array.isArray(recipients) && { recipients: recipients.map((wid: string) => new Wid(wid)) }),
    ...Object.fromEntries(people),
    ...(wire.author !== undefined && { author: new Wid(wire.author) }),
    ...(wire.notifyName === null ? {} : { notifyName: wire.notifyName }),
    ...(wire.editKey === null ? {} : { latestEditMsgKey: MsgKey.fromString(wire.editKey) }),
    ...(wire.reactions && { hasReaction: wire.reactions.some(({ text }) => text !== ""), reactions: wire.reactions }),
    ...(wire.votes && { votes: wire.votes }),
    ...(wire.caption === null ? {} : { caption: wire.caption }),
    ...(media && {
      source: media,
      mimetype: media.mimetype,
      size: media.size,
      filehash: media.filehash,
      ...(media.filename === null ? {} : { filename: media.filename }),
      mediaData: {
        type: wire.type,
        mimetype: media.mimetype,
        size: media.size,
        filehash: media.filehash,
        mediaBlob: null,
      } satisfies MediaData,
    }),
  };
  const isIncluded = ([name]: [string, unknown]) => !wire.lacks?.includes(name);
  return new MsgModel(Object.fromEntries(Object.entries(attributes).filter(isIncluded)));
}
