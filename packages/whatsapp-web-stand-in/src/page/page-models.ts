import type { FromPage, WireContact, WireGroup, WireMessage } from "../protocol/protocol.ts";
import { ChatModel, ContactModel, PresenceModel } from "./contact-models.ts";
import { GroupMetadataCollection } from "./group-models.ts";
import { MsgModel, messageModel } from "./message-model.ts";
import { Collection, Emitter, Model } from "./model.ts";
import { Wid } from "./wid.ts";

export class ChatCollection extends Collection<ChatModel> {}
export class ContactCollection extends Collection<ContactModel> {}
class PresenceCollection extends Collection<PresenceModel> {}
export class CallCollection extends Collection<Model> {
  processIncomingCall(): void {}
}
export class BlocklistCollection extends Collection<Model> {}
export class MsgCollection extends Collection<MsgModel> {
  /** All messages from the server pass through this function. wa-js wraps it to detect revocations. */
  async processMultipleMessages(_chat: Wid, messages: MsgModel[]): Promise<void> {
    for (const message of messages) {
      if (message.attributes.type !== "protocol" || message.isNotification) this.add(message);
    }
  }
}
/**
 * Profile pictures. Each is requested from the server once; a contact without a picture has a model with only its id.
 */
export class ProfilePicThumbCollection extends Collection<Model> {
  fetchPicture: (wid: Wid) => Promise<{ tag: string; url: string } | null> = async () => null;

  override async find(id: unknown): Promise<Model> {
    const known = this.get(id);
    if (known) return known;
    const wid = new Wid(String(id));
    return this.add(new Model({ id: wid, ...picture(await this.fetchPicture(wid)) }));
  }
}
export const picture = (answer: { tag: string; url: string } | null) =>
  answer ? { tag: answer.tag, eurl: answer.url, img: answer.url, imgFull: answer.url } : { tag: null };

/** All models of the page. They are empty until the first sync. */
export class PageModels {
  readonly chats = new ChatCollection();
  readonly contacts = new ContactCollection();
  readonly groups = new GroupMetadataCollection();
  readonly messages = new MsgCollection();
  readonly presences = new PresenceCollection();
  readonly pictures = new ProfilePicThumbCollection();
  readonly calls = new CallCollection();
  readonly blocklist = new BlocklistCollection();
  readonly conn = new Model({ ref: null, connected: false, platform: "android", pushname: null });
  readonly stream = new Model({
    mode: "SYNCING",
    info: "OPENING",
    displayInfo: "OPENING",
    available: true,
    needsUpdate: false,
  });
  readonly socket = new Model({ state: "OPENING", stream: "DISCONNECTED" });
  readonly network = new Model({ online: true });
  readonly cmd = Object.assign(new Emitter(), { isMainLoaded: false });
  readonly linkEvents = Object.assign(new Emitter(), { triggerRefreshAltLinkingCode: () => {} });
  readonly lidOf = new Map<string, string>();
  me: Wid | null = null;
  myLid: Wid | null = null;
  /** Undefined until the browser profile has been read. */
  isRegistered: boolean | undefined;

  constructor(private readonly send: (frame: FromPage) => void) {
    this.groups.isMe = (wid) => [this.me, this.myLid].some((mine) => mine?.equals(wid));
    MsgModel.context = {
      chatOf: (wid) => this.chats.get(wid),
      contactOf: (wid) => (this.groups.isMe(wid) ? this.contacts.get(this.me) : this.contacts.get(wid)),
      self: () => this.contacts.get(this.me),
    };
  }

  chat(wid: Wid): ChatModel {
    const known = this.chats.get(wid);
    if (known) return known;
    const chat = new ChatModel({ id: wid, unreadCount: 0, t: 0, archive: false, kind: "chat" });
    chat.presence = new PresenceModel(wid, () => this.send({ kind: "watch_presence", chat: String(wid) }));
    chat.contact = this.contact({ id: String(wid), name: null, pushname: null, lid: null });
    this.presences.add(chat.presence);
    chat.readMetadata = () => this.groups.get(wid);
    const subject = this.groups.subjectOf(wid);
    if (subject !== undefined) chat.set({ name: subject, formattedTitle: subject });
    return this.chats.add(chat);
  }

  group(wire: WireGroup): void {
    this.groups.update(wire);
    this.chats.get(wire.id)?.set({ name: wire.subject, formattedTitle: wire.subject });
  }

  contact(wire: WireContact): ContactModel {
    if (wire.lid) this.lidOf.set(wire.id, wire.lid);
    const id = new Wid(wire.lid ?? wire.id);
    return (
      this.contacts.get(id) ??
      this.contacts.add(
        new ContactModel({ id, name: wire.name, pushname: wire.pushname, username: wire.username, type: "in" }),
      )
    );
  }

  addMessage(model: MsgModel, isUnread: boolean): void {
    const chat = this.chat(new Wid(String(model.chatId)));
    chat.msgs.add(model);
    chat.set({ t: Math.max(Number(chat.attributes.t), Number(model.attributes.t)) });
    if (isUnread) chat.set({ unreadCount: Number(chat.attributes.unreadCount) + 1 });
  }

  receive(wire: WireMessage, isNew: boolean): void {
    if (!this.me || this.messages.get(wire.id)) return;
    const model = messageModel(wire, this.me, isNew);
    this.addMessage(model, isNew && !wire.fromMe && !model.isNotification);
    if (isNew) void this.messages.processMultipleMessages(new Wid(wire.chat), [model]);
    else this.messages.add(model);
  }
}
