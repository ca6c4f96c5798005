import { randomUUID } from "node:crypto";
import type { FromPage, PasskeyDemand, PasskeyEnd, ToPage, TypingState } from "../protocol/protocol.ts";
import { type Arrival, Arrivals } from "./arrivals.ts";
import type { LinkedPage } from "./linked-page.ts";
import { keyOf, nowSeconds } from "./message-key.ts";
import { PhoneAccount } from "./phone-account.ts";
import type { PhoneBehaviour, PhoneEvent } from "./phone-behaviour.ts";

interface LinkedDevice {
  hasSynced: boolean;
  /** Ids of the messages that the device confirmed. All others are sent again after its next sync. */
  got: Set<string>;
}

/** The linked devices of a phone: pairing, syncs, and the frames of their pages. */
export class LinkedPhone {
  readonly account = new PhoneAccount();
  readonly sent: Extract<PhoneEvent, { kind: "sent" }>[] = [];
  readonly changed: Extract<PhoneEvent, { kind: "changed" }>[] = [];
  private readonly arrivals = new Arrivals(this.account);
  private readonly pages = new Set<LinkedPage>();
  private readonly devices = new Map<string, LinkedDevice>();
  private readonly waiting = new Set<(event: PhoneEvent) => void>();
  private held: (() => void)[] | undefined;
  private waitsForPasskey: LinkedPage | undefined;

  constructor(
    readonly number: string,
    readonly name: string,
    protected readonly behaviour: PhoneBehaviour,
    protected readonly pictureUrl: (path: string) => string,
  ) {}

  /** Resolves with the next event of this kind. */
  next<Kind extends PhoneEvent["kind"]>(kind: Kind): Promise<Extract<PhoneEvent, { kind: Kind }>> {
    return new Promise((resolve) => {
      const listener = (event: PhoneEvent) => {
        if (event.kind !== kind) return;
        this.waiting.delete(listener);
        resolve(event as Extract<PhoneEvent, { kind: Kind }>);
      };
      this.waiting.add(listener);
    });
  }

  /** Sends a receipt: 2 delivered, 3 read, 4 played. */
  acknowledge(key: string, ack: number): void {
    const message = this.account.messages.find((known) => known.fromMe && keyOf(known.id) === key);
    if (!message || message.ack >= ack) return;
    message.ack = ack;
    this.broadcast({ kind: "ack", id: message.id, ack });
  }

  /** Until `release`, frames of pages are neither accepted nor rejected, and opened pages get no sync. */
  hold(): void {
    this.held = [];
  }

  /** True if a frame or a sync waits for `release`. */
  get isHolding(): boolean {
    return (this.held?.length ?? 0) > 0;
  }

  release(): void {
    const { held } = this;
    this.held = undefined;
    for (const accept of held ?? []) accept();
  }

  /** The owner unlinks all devices. */
  unlink(): void {
    this.devices.clear();
    this.broadcast({ kind: "unpaired", reloadAfterMs: this.behaviour.unlinkedReloadMs });
  }

  /** From now on, WhatsApp demands a passkey before it links a page to this phone; null: no longer. */
  demandPasskey(passkey: PasskeyDemand | null): void {
    this.behaviour.passkey = passkey;
  }

  /** Ends the demand for a passkey: the page shows a new QR code. */
  endPasskey(why: PasskeyEnd): void {
    const page = this.waitsForPasskey;
    this.waitsForPasskey = undefined;
    page?.send({ kind: "passkey_ended", why });
    page?.showQr();
  }

  /** WhatsApp is satisfied, and links the page that waits for a passkey. */
  satisfyPasskey(): void {
    const page = this.waitsForPasskey;
    this.waitsForPasskey = undefined;
    if (page) this.link(page);
  }

  /** Links the page after its QR code or pairing code has been accepted, or demands a passkey first. */
  pair(page: LinkedPage): void {
    page.stopQr();
    const { passkey } = this.behaviour;
    if (!passkey) {
      this.link(page);
      return;
    }
    this.waitsForPasskey = page;
    page.onFrame((frame) => {
      if (frame.kind === "passkey_requested") this.emit(frame);
    });
    page.send({ kind: "passkey", ...passkey });
  }

  private link(page: LinkedPage): void {
    const token = randomUUID();
    this.devices.set(token, { hasSynced: false, got: new Set() });
    page.send({ kind: "paired", token });
    const { reloadAfterPairingMs } = this.behaviour;
    if (reloadAfterPairingMs !== null) setTimeout(() => page.send({ kind: "reload" }), reloadAfterPairingMs);
  }

  /** Tokens of the linked devices. Another stand-in accepts them after `adopt`. */
  get tokens(): string[] {
    return [...this.devices.keys()];
  }

  /** Accepts the token as that of a device that has been linked and synced before. */
  adopt(token: string): void {
    this.devices.set(token, { hasSynced: true, got: new Set() });
  }

  get isLinkedAnywhere(): boolean {
    return this.devices.size > 0;
  }

  get openPages(): number {
    return this.pages.size;
  }

  /** Typing state that this contact sees. */
  typingOf(number: string): TypingState {
    return this.typings.get(number) ?? "paused";
  }

  isLinked(token: string): boolean {
    return this.devices.has(token);
  }

  /** Syncs a newly opened page of a linked device. */
  welcome(page: LinkedPage, token: string): void {
    const device = this.devices.get(token);
    if (!device) return;
    page.token = token;
    page.send({ kind: "progress", percent: 40 });
    const sync = () => this.runOrHold(() => this.sync(page, device));
    setTimeout(sync, device.hasSynced ? 0 : this.behaviour.syncMs);
    page.onClose(() => this.pages.delete(page));
  }

  handle(page: LinkedPage, frame: FromPage): void {
    switch (frame.kind) {
      case "send":
      case "edit":
      case "react":
      case "revoke":
        this.runOrHold(() => this.accept(page, frame));
        break;
      case "received":
        return void this.devices.get(page.token ?? "")?.got.add(frame.id);
      case "read":
        this.account.read(frame.chat);
        this.emit({ kind: "read", number: this.account.numberOf(frame.chat) });
        break;
      case "typing":
        this.typings.set(this.account.numberOf(frame.chat), frame.state);
        this.emit({ kind: "typing", number: this.account.numberOf(frame.chat), state: frame.state });
        break;
      case "exists":
        page.send({ kind: "reply", requestId: frame.requestId, value: this.exists(frame.wid) });
        break;
      case "picture":
        page.send({ kind: "reply", requestId: frame.requestId, value: this.pictureOf(frame.wid) });
        break;
      case "passkey_requested":
        this.emit(frame);
        break;
      case "log_out":
        this.unlink();
        break;
    }
  }

  private readonly typings = new Map<string, TypingState>();

  private runOrHold(action: () => void): void {
    if (this.held) this.held.push(action);
    else action();
  }

  protected broadcast(frame: ToPage): void {
    for (const page of this.pages) page.send(frame);
  }

  private emit(event: PhoneEvent): void {
    for (const listener of [...this.waiting]) listener(event);
  }

  /** Numbers that start with 000 do not use WhatsApp. */
  private exists(wid: string): string | null {
    return wid.startsWith("000") ? null : wid;
  }

  private pictureOf(wid: string): { tag: string; url: string } | null {
    const found = this.account.pictureOf(this.account.numberOf(wid));
    return found && { tag: found.tag, url: this.pictureUrl(found.path) };
  }

  private sync(page: LinkedPage, device: LinkedDevice): void {
    const { got } = device;
    const known = this.account.messages.filter((message) => !device.hasSynced || got.has(message.id));
    const me = { wid: `${this.number}@c.us`, lid: `9${this.number}@lid`, pushname: this.name };
    this.account.contact(this.number).pushname = this.name;
    page.send({
      kind: "sync",
      me,
      contacts: [...this.account.contacts.values()],
      groups: [...this.account.groups.values()],
      chats: this.account.chats(),
      messages: known,
    });
    for (const message of known) got.add(message.id);
    device.hasSynced = true;
    this.pages.add(page);
    this.emit({ kind: "synced" });
    for (const message of this.account.messages) if (!got.has(message.id)) page.send({ kind: "message", message });
  }

  private accept(page: LinkedPage, frame: Arrival): void {
    const event = this.arrivals.apply(frame);
    if (event) this.emit(event);
    if (event?.kind === "sent") {
      this.sent.push(event);
      this.devices.get(page.token ?? "")?.got.add(frame.id);
    } else if (event) this.changed.push(event);
    page.send({ kind: "accepted", id: frame.id, t: nowSeconds() });
    if (frame.kind !== "send") return;
    const key = keyOf(frame.id);
    const { deliveredMs, readMs } = this.behaviour;
    if (deliveredMs !== null) setTimeout(() => this.acknowledge(key, 2), deliveredMs);
    if (readMs !== null) setTimeout(() => this.acknowledge(key, 3), readMs);
  }
}
