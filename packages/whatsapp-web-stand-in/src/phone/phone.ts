import type { TypingState, WireMessage } from "../protocol/protocol.ts";
import { LinkedPhone } from "./linked-phone.ts";
import { keyOf, newKey, nowSeconds } from "./message-key.ts";
import { type IncomingContent, mediaKind } from "./phone-files.ts";
import { PhoneGroups } from "./phone-groups.ts";

/** A phone with WhatsApp: the actions of its owner and its customers, and its linked pages. */
export class Phone extends LinkedPhone {
  readonly groups = new PhoneGroups({
    number: this.number,
    account: this.account,
    pictureUrl: (path) => this.pictureUrl(path),
    broadcast: (frame) => this.broadcast(frame),
    addMessage: (message, content) => this.addMessage(message, content),
  });

  /** A customer writes to this phone. Returns the key of the message. */
  receive(message: { from: string; name?: string; username?: string } & IncomingContent): string {
    const contact = this.account.contact(message.from);
    if (message.name !== undefined) contact.pushname = message.name;
    if (message.username !== undefined) contact.username = message.username;
    this.broadcast({ kind: "contact", contact });
    return this.newMessage(false, message.from, message);
  }

  /**
   * WhatsApp writes a notification into the chat with this contact, such as `e2e_notification` with subtype `encrypt` (module
   * WAWebContactSystemMsg). Returns its key.
   */
  notify(number: string, notification: { type: string; subtype: string } & Record<string, unknown>): string {
    const { type, ...attributes } = notification;
    return this.newMessage(false, number, { type, attributes });
  }

  /** The owner writes a message on the phone. Returns its key. */
  write(message: { to: string } & IncomingContent): string {
    return this.newMessage(true, message.to, message);
  }

  /** The customer reads all messages that were sent to it. */
  readBy(number: string): void {
    const chat = this.account.chatOf(number);
    for (const { id, fromMe } of this.account.messages) {
      if (fromMe && id.split("_")[1] === chat) this.acknowledge(keyOf(id), 3);
    }
  }

  edit(key: string, body: string): string {
    const message = this.find(key);
    const editKey = newKey();
    message.body = body;
    message.editKey = `${message.fromMe}_${message.chat}_${editKey}`;
    this.broadcast({ kind: "edit", id: message.id, body, editKey: message.editKey });
    return editKey;
  }

  /** `by`: number of the admin of a group who removes the message; by default its author revokes it. */
  revoke(key: string, by?: string): void {
    const message = this.find(key);
    const author = by === undefined ? message.author : this.groups.widOf(this.groups.find(message.chat), by);
    const revokeKey = `${message.fromMe}_${message.chat}_${newKey()}${author === undefined ? "" : `_${author}`}`;
    message.type = "revoked";
    message.body = "";
    message.caption = null;
    const removal = { kind: "revoke", id: message.id, revokeKey, t: nowSeconds() } as const;
    this.broadcast({ ...removal, ...(by !== undefined && author !== undefined && { author }) });
  }

  /** `by`: number of the participant of a group. */
  react(key: string, text: string, by?: string): void {
    const message = this.find(key);
    const sender = this.senderIn(message, by);
    const participant = by === undefined ? "" : `_${sender}`;
    const reaction = { id: `false_${message.chat}_${newKey()}${participant}`, text, sender, t: Date.now() };
    message.reactions = [...(message.reactions ?? []).filter((known) => known.sender !== sender), reaction];
    this.broadcast({ kind: "reaction", id: message.id, reaction });
  }

  /** The customer moves while it shares its location, or stops sharing it. */
  move(
    key: string,
    { latitude, longitude, hasEnded }: { latitude: number; longitude: number; hasEnded?: boolean },
  ): void {
    const message = this.find(key);
    const attributes = hasEnded
      ? { isLive: false, finalLat: latitude, finalLng: longitude }
      : { lat: latitude, lng: longitude };
    message.attributes = { ...message.attributes, ...attributes };
    this.broadcast({ kind: "location", id: message.id, attributes });
  }

  /** The customer, or this participant of a group, votes in the poll. Options are named by their text; none withdraws the vote. */
  vote(key: string, options: string[], by?: string): void {
    const message = this.find(key);
    const known = (message.attributes?.pollOptions ?? []) as { name: string; localId: number }[];
    const chosen = known.filter(({ name }) => options.includes(name)).map(({ localId }) => localId);
    const vote = { chosen, sender: this.senderIn(message, by), t: Date.now() };
    message.votes = [...(message.votes ?? []).filter(({ sender }) => sender !== vote.sender), vote];
    this.broadcast({ kind: "vote", id: message.id, vote });
  }

  /** The owner reads the chat on the phone. */
  readChat(number: string): void {
    const chat = this.account.chatOf(number);
    this.account.read(chat);
    this.broadcast({ kind: "chat_read", chat });
  }

  type(from: string, state: TypingState): void {
    this.broadcast({ kind: "typing", chat: this.account.chatOf(from), state });
  }

  rename(number: string, name: string): void {
    const contact = this.account.contact(number);
    contact.pushname = name;
    this.broadcast({ kind: "contact", contact });
  }

  setPicture(number: string, bytes: Uint8Array | null): void {
    const { tag, path } = this.account.setPicture(number, bytes);
    this.broadcast({ kind: "picture", wid: this.account.chatOf(number), tag, url: path && this.pictureUrl(path) });
  }

  /** The owner blocks this contact, so that messages to it are rejected. */
  block(number: string): void {
    this.broadcast({ kind: "blocked", wid: this.account.chatOf(number) });
  }

  /** Gives this contact an anonymous id, as WhatsApp's migration does. */
  migrate(number: string, lid: string): void {
    const contact = this.account.contact(number);
    contact.lid = `${lid}@lid`;
    this.broadcast({ kind: "contact", contact });
  }

  /** The phone goes offline: pages show "Phone not connected". */
  goOffline(): void {
    this.broadcast({ kind: "phone_offline", isOffline: true });
  }

  comeOnline(): void {
    this.broadcast({ kind: "phone_offline", isOffline: false });
  }

  /** Sets the stream mode and socket state of all pages, as when another WhatsApp Web takes over. */
  stream(mode: string, socket: string): void {
    this.broadcast({ kind: "stream", mode, socket });
  }

  /** Linked pages create a passkey, as when their user accepts WhatsApp's offer. */
  offerPasskey(): void {
    this.broadcast({ kind: "passkey", demand: "create", at: "once" });
  }

  reloadPages(): void {
    this.broadcast({ kind: "reload" });
  }

  private find(key: string): WireMessage {
    const message = this.account.messages.find((known) => keyOf(known.id) === key);
    if (!message) throw new Error(`There is no message ${key}.`);
    return message;
  }

  private senderIn(message: WireMessage, by: string | undefined): string {
    return by === undefined ? message.chat : this.groups.widOf(this.groups.find(message.chat), by);
  }

  private newMessage(fromMe: boolean, number: string, content: IncomingContent): string {
    const notifyName = fromMe ? null : this.account.contact(number).pushname;
    return this.addMessage({ fromMe, chat: this.account.chatOf(number), author: undefined, notifyName }, content);
  }

  private addMessage(
    about: Pick<WireMessage, "fromMe" | "chat" | "notifyName"> & { author: string | undefined },
    content: IncomingContent,
  ): string {
    const key = newKey();
    const { fromMe, chat, author, notifyName } = about;
    const { media, body = "" } = content;
    const message: WireMessage = {
      id: `${fromMe}_${chat}_${key}${author === undefined ? "" : `_${author}`}`,
      ...{ fromMe, chat, notifyName },
      ...(author !== undefined && { author }),
      type: content.type ?? (media ? mediaKind(media.mimeType) : "chat"),
      ...(content.attributes && { attributes: content.attributes }),
      ...(content.lacks && { lacks: content.lacks }),
      body: media ? "" : body,
      caption: media && body !== "" ? body : null,
      media: media ? this.account.files.keep(media) : null,
      t: content.t ?? nowSeconds(),
      ack: 1,
      editKey: null,
    };
    this.account.add(message);
    this.broadcast({ kind: "message", message });
    return key;
  }
}
