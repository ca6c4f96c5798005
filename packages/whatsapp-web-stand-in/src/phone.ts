import { randomUUID } from "node:crypto";
import { type Arrival, Arrivals } from "./arrivals.ts";
import type { LinkedPage } from "./linked-page.ts";
import { newKey, nowSeconds } from "./message-key.ts";
import type { PhoneBehaviour, PhoneEvent } from "./phone-behaviour.ts";
import { PhoneBook } from "./phone-book.ts";
import { type IncomingContent, mediaKind } from "./phone-files.ts";
import type { FromPage, ToPage, TypingState, WireMessage } from "./protocol.ts";

interface LinkedDevice {
  hasSynced: boolean;
  /** The messages that it confirmed; the others are sent again with its next sync. */
  got: Set<string>;
}

/** A phone with WhatsApp: what its owner does, what reaches it, and the pages that are linked to it. */
export class Phone {
  readonly book = new PhoneBook();
  readonly sent: Extract<PhoneEvent, { kind: "sent" }>[] = [];
  readonly changed: Extract<PhoneEvent, { kind: "changed" }>[] = [];
  private readonly arrivals = new Arrivals(this.book);
  private readonly pages = new Set<LinkedPage>();
  private readonly devices = new Map<string, LinkedDevice>();
  private readonly waiting = new Set<(event: PhoneEvent) => void>();
  private held: (() => void)[] | undefined;

  constructor(
    readonly number: string,
    readonly name: string,
    private readonly behaviour: PhoneBehaviour,
    private readonly pictureUrl: (path: string) => string,
  ) {}

  /** Resolves with the first such thing that a page does from now on. */
  next<Kind extends PhoneEvent["kind"]>(kind: Kind): Promise<Extract<PhoneEvent, { kind: Kind }>> {
    return new Promise((resolve) => {
      const take = (event: PhoneEvent) => {
        if (event.kind !== kind) return;
        this.waiting.delete(take);
        resolve(event as Extract<PhoneEvent, { kind: Kind }>);
      };
      this.waiting.add(take);
    });
  }
  /** Someone writes to this phone. Returns WhatsApp's key of the message. */
  receive(message: { from: string; name?: string } & IncomingContent): string {
    const contact = this.book.contact(message.from);
    if (message.name !== undefined) contact.pushname = message.name;
    this.tell({ kind: "contact", contact });
    return this.newMessage(false, message.from, message);
  }
  /** The owner answers on the phone itself. */
  write(message: { to: string; body: string; t?: number }): string {
    return this.newMessage(true, message.to, message);
  }
  /** A receipt: 2 delivered, 3 read, 4 played. */
  acknowledge(key: string, ack: number): void {
    const message = this.book.messages.find((known) => known.fromMe && known.id.endsWith(`_${key}`));
    if (!message || message.ack >= ack) return;
    message.ack = ack;
    this.tell({ kind: "ack", id: message.id, ack });
  }
  /** The other side reads all that was written to it. */
  readBy(number: string): void {
    const chat = this.book.chatOf(number);
    for (const { id, fromMe } of this.book.messages) {
      if (fromMe && id.split("_")[1] === chat) this.acknowledge(id.split("_")[2] ?? "", 3);
    }
  }
  /** Until `release`, what pages send is neither accepted nor refused, and a page that opens does not get its sync. */
  hold(): void {
    this.held = [];
  }
  /** Something waits for `release`. */
  get isHolding(): boolean {
    return (this.held?.length ?? 0) > 0;
  }
  release(): void {
    const { held } = this;
    this.held = undefined;
    for (const accept of held ?? []) accept();
  }
  edit(key: string, body: string): string {
    const message = this.find(key);
    const editKey = newKey();
    message.body = body;
    message.editKey = `${message.fromMe}_${message.chat}_${editKey}`;
    this.tell({ kind: "edit", id: message.id, body, editKey: message.editKey });
    return editKey;
  }
  revoke(key: string): void {
    const message = this.find(key);
    const revokeKey = `${message.fromMe}_${message.chat}_${newKey()}`;
    message.type = "revoked";
    message.body = "";
    message.caption = null;
    this.tell({ kind: "revoke", id: message.id, revokeKey, t: nowSeconds() });
  }
  react(key: string, text: string): void {
    const message = this.find(key);
    const reaction = { id: `false_${message.chat}_${newKey()}`, text, sender: message.chat, t: Date.now() };
    message.reaction = reaction;
    this.tell({ kind: "reaction", id: message.id, reaction });
  }
  type(from: string, state: TypingState): void {
    this.tell({ kind: "typing", chat: this.book.chatOf(from), state });
  }
  rename(number: string, name: string): void {
    const contact = this.book.contact(number);
    contact.pushname = name;
    this.tell({ kind: "contact", contact });
  }
  setPicture(number: string, bytes: Uint8Array | null): void {
    const { tag, path } = this.book.setPicture(number, bytes);
    this.tell({ kind: "picture", wid: this.book.chatOf(number), tag, url: path && this.pictureUrl(path) });
  }
  /** The owner blocks this person: nothing can be sent there any more. */
  block(number: string): void {
    this.tell({ kind: "blocked", wid: this.book.chatOf(number) });
  }
  /** From now on this person goes by an anonymous id, as after WhatsApp's migration. */
  migrate(number: string, lid: string): void {
    const contact = this.book.contact(number);
    contact.lid = `${lid}@lid`;
    this.tell({ kind: "contact", contact });
  }
  /** The owner takes all linked devices off the phone. */
  unlink(): void {
    this.devices.clear();
    this.tell({ kind: "unpaired", reloadAfterMs: this.behaviour.unlinkedReloadMs });
  }
  /** "Phone not connected": the page is on line and says that the phone is not. */
  goAway(): void {
    this.tell({ kind: "phone_away", isAway: true });
  }
  comeBack(): void {
    this.tell({ kind: "phone_away", isAway: false });
  }
  /** Another WhatsApp Web took over, or gave back. */
  stream(mode: string, socket: string): void {
    this.tell({ kind: "stream", mode, socket });
  }
  reloadPages(): void {
    this.tell({ kind: "reload" });
  }

  /** Called when this phone's owner scanned the page's code. */
  pair(page: LinkedPage): void {
    page.stopQr();
    const token = randomUUID();
    this.devices.set(token, { hasSynced: false, got: new Set() });
    page.tell({ kind: "paired", token });
    const { reloadAfterPairingMs } = this.behaviour;
    if (reloadAfterPairingMs !== null) setTimeout(() => page.tell({ kind: "reload" }), reloadAfterPairingMs);
  }
  /** What linked pages know this phone by; in another stand-in, `adopt` makes it known there. */
  get tokens(): string[] {
    return [...this.devices.keys()];
  }
  /** As if a page had been linked and brought up to date before. */
  adopt(token: string): void {
    this.devices.set(token, { hasSynced: true, got: new Set() });
  }
  get isLinkedAnywhere(): boolean {
    return this.devices.size > 0;
  }
  get openPages(): number {
    return this.pages.size;
  }
  /** What this person sees of the other side's typing. */
  typingOf(number: string): TypingState {
    return this.typings.get(number) ?? "paused";
  }
  isLinked(token: string): boolean {
    return this.devices.has(token);
  }
  /** A page of a linked device opened: brings it up to date. */
  welcome(page: LinkedPage, token: string): void {
    const device = this.devices.get(token);
    if (!device) return;
    page.token = token;
    page.tell({ kind: "progress", percent: 40 });
    const sync = () => this.unlessHeld(() => this.sync(page, device));
    setTimeout(sync, device.hasSynced ? 0 : this.behaviour.syncMs);
    page.onClose(() => this.pages.delete(page));
  }
  take(page: LinkedPage, frame: FromPage): void {
    switch (frame.kind) {
      case "send":
      case "edit":
      case "react":
      case "revoke":
        this.unlessHeld(() => this.accept(page, frame));
        break;
      case "got":
        return void this.devices.get(page.token ?? "")?.got.add(frame.id);
      case "read":
        this.book.read(frame.chat);
        this.happened({ kind: "read", number: this.book.numberOf(frame.chat) });
        break;
      case "typing":
        this.typings.set(this.book.numberOf(frame.chat), frame.state);
        this.happened({ kind: "typing", number: this.book.numberOf(frame.chat), state: frame.state });
        break;
      case "exists":
        page.tell({ kind: "reply", question: frame.question, value: this.exists(frame.wid) });
        break;
      case "picture":
        page.tell({ kind: "reply", question: frame.question, value: this.pictureOf(frame.wid) });
        break;
      case "log_out":
        this.unlink();
        break;
    }
  }

  private readonly typings = new Map<string, TypingState>();

  private unlessHeld(answer: () => void): void {
    if (this.held) this.held.push(answer);
    else answer();
  }
  private tell(frame: ToPage): void {
    for (const page of this.pages) page.tell(frame);
  }
  private happened(event: PhoneEvent): void {
    for (const take of [...this.waiting]) take(event);
  }
  private find(key: string): WireMessage {
    const message = this.book.messages.find((known) => known.id.endsWith(`_${key}`));
    if (!message) throw new Error(`no message ${key}`);
    return message;
  }
  /** Numbers that begin with 000 have no WhatsApp. */
  private exists(wid: string): string | null {
    return wid.startsWith("000") ? null : wid;
  }
  private pictureOf(wid: string): { tag: string; url: string } | null {
    const found = this.book.pictureOf(this.book.numberOf(wid));
    return found && { tag: found.tag, url: this.pictureUrl(found.path) };
  }
  private newMessage(fromMe: boolean, number: string, content: IncomingContent): string {
    const key = newKey();
    const chat = this.book.chatOf(number);
    const { media, body = "" } = content;
    const message: WireMessage = {
      id: `${fromMe}_${chat}_${key}`,
      fromMe,
      chat,
      type: content.type ?? (media ? mediaKind(media.mimeType) : "chat"),
      ...(content.attributes && { attributes: content.attributes }),
      ...(content.lacks && { lacks: content.lacks }),
      body: media ? "" : body,
      caption: media && body !== "" ? body : null,
      media: media ? this.book.files.keep(media) : null,
      notifyName: fromMe ? null : this.book.contact(number).pushname,
      t: content.t ?? nowSeconds(),
      ack: 1,
      editKey: null,
    };
    this.book.add(message);
    this.tell({ kind: "message", message });
    return key;
  }
  private sync(page: LinkedPage, device: LinkedDevice): void {
    const { got } = device;
    const known = this.book.messages.filter((message) => !device.hasSynced || got.has(message.id));
    const me = { wid: `${this.number}@c.us`, lid: `9${this.number}@lid`, pushname: this.name };
    this.book.contact(this.number).pushname = this.name;
    page.tell({
      kind: "sync",
      me,
      contacts: [...this.book.contacts.values()],
      chats: this.book.chats(),
      messages: known,
    });
    for (const message of known) got.add(message.id);
    device.hasSynced = true;
    this.pages.add(page);
    this.happened({ kind: "synced" });
    for (const message of this.book.messages) if (!got.has(message.id)) page.tell({ kind: "message", message });
  }
  private accept(page: LinkedPage, frame: Arrival): void {
    const event = this.arrivals.take(frame);
    if (event) this.happened(event);
    if (event?.kind === "sent") {
      this.sent.push(event);
      this.devices.get(page.token ?? "")?.got.add(frame.id);
    } else if (event) this.changed.push(event);
    page.tell({ kind: "accepted", id: frame.id, t: nowSeconds() });
    if (frame.kind !== "send") return;
    const key = frame.id.split("_")[2] ?? "";
    const { deliveredMs, readMs } = this.behaviour;
    if (deliveredMs !== null) setTimeout(() => this.acknowledge(key, 2), deliveredMs);
    if (readMs !== null) setTimeout(() => this.acknowledge(key, 3), readMs);
  }
}
