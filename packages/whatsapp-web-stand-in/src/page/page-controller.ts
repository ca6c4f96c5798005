import type { FromPage, PasskeyDemand, PasskeyEnd, ToPage, WireMedia } from "../protocol/protocol.ts";
import { applyChange, type Modules } from "./changes.ts";
import { Connection, type ServerFrame } from "./connection.ts";
import { forgetDevice, keepDevice, readDevice } from "./device.ts";
import type { MsgModel } from "./message-model.ts";
import { PageModels } from "./page-models.ts";
import { checkPasskeySupport, requestPasskey } from "./passkey.ts";
import { showAlert, showChats, showExpiredQr, showPasskeyDemand, showProgress, showQr, showText } from "./screens.ts";
import { Wid } from "./wid.ts";

type Qr = Extract<ToPage, { kind: "qr" }>;
type Sync = Extract<ToPage, { kind: "sync" }>;
type Delivery = Extract<FromPage, { kind: "send" | "edit" | "react" | "revoke" }>;
type Send = Extract<Delivery, { kind: "send" }>;

/** Attributes of a location, contact cards, a poll and a forward that reach the recipient. */
const sentAttributes = [
  ...["lat", "lng", "loc", "vcardFormattedName", "vcardList", "isForwarded", "forwardingScore"],
  ...["pollName", "pollOptions", "pollSelectableOptionsCount", "mentionedJidList"],
];

/** Controls the states of the page: unpaired with a QR code, paired, syncing, main screen, offline, unlinked. */
export class PageController {
  readonly models: PageModels;
  readonly connection: Connection;
  qr: Qr | undefined;
  private token: string | null = null;
  /** A reload waits for it: it would abort the write. */
  private storing: Promise<unknown> = Promise.resolve();
  private isSynced = false;
  private passkey: AbortController | undefined;
  private readonly queue: Delivery[] = [];
  private readonly accepted = new Map<string, (t: number) => void>();

  constructor(private readonly modules: () => Modules) {
    this.connection = new Connection({
      opened: () => this.opened(),
      lost: () => this.lost(),
      frame: (frame) => this.handle(frame),
    });
    this.models = new PageModels((frame) => this.connection.send(frame));
    this.models.pictures.fetchPicture = async (wid) =>
      (await this.connection.request("picture", String(wid))) as { tag: string; url: string } | null;
  }

  async boot(): Promise<void> {
    this.token = await readDevice();
    this.models.isRegistered = this.token !== null;
    if (this.token) showProgress(0);
    this.connection.open();
  }

  /** Resolves with the server's time once the server has accepted the message. Lost connections only delay it. */
  send(model: MsgModel, media?: WireMedia): Promise<number> {
    if (model.isGroupMsg && !String(model.id).includes("@", String(model.id).indexOf("@") + 1))
      throw new Error("The key of a message in a group must name the participant.");
    const { id, to, type, body, t, caption, quotedStanzaID } = model.attributes;
    const attributes = Object.fromEntries(
      sentAttributes.flatMap((name) => (model.attributes[name] === undefined ? [] : [[name, model.attributes[name]]])),
    );
    const frame: Send = {
      kind: "send",
      id: String(id),
      chat: String(to),
      type: String(type),
      body: String(body ?? ""),
      t: Number(t),
      ...(typeof caption === "string" && { caption }),
      ...(media && { media }),
      ...(quotedStanzaID !== undefined && { quoted: String(quotedStanzaID) }),
      ...(Object.keys(attributes).length > 0 && { attributes }),
    };
    return this.deliver(frame);
  }

  deliver(frame: Delivery): Promise<number> {
    this.queue.push(frame);
    if (this.isSynced) this.connection.send(frame);
    return new Promise((resolve) => this.accepted.set(frame.id, resolve));
  }

  logOut(): void {
    this.connection.send({ kind: "log_out" });
  }

  private opened(): void {
    const { stream, socket, network } = this.models;
    network.set({ online: true });
    showAlert(null);
    if (this.token) {
      socket.set({ state: "PAIRING", stream: "SYNCING" });
      stream.set({ info: "PAIRING", displayInfo: "PAIRING" });
    } else {
      socket.set({ state: "UNPAIRED", stream: "CONNECTED" });
    }
    this.connection.send({ kind: "hello", token: this.token });
  }

  private lost(): void {
    this.isSynced = false;
    const { stream, socket, network } = this.models;
    network.set({ online: false });
    showAlert("computer");
    socket.set({ state: "TIMEOUT", stream: "DISCONNECTED" });
    stream.set({ info: "OFFLINE", displayInfo: "OFFLINE" });
    socket.set({ state: "OPENING" });
    stream.set({ info: "OPENING", displayInfo: "OPENING" });
  }

  private handle(frame: ServerFrame): void {
    switch (frame.kind) {
      case "qr":
        this.showCode(frame);
        break;
      case "qr_idle":
        showExpiredQr(() => this.connection.send({ kind: "new_qr" }));
        break;
      case "link_code_expired":
        this.models.linkEvents.trigger("link_device_events:refresh_alt_linking_code");
        break;
      case "paired":
        return void this.paired(frame.token);
      case "passkey":
        this.askForPasskey(frame);
        break;
      case "passkey_ended":
        this.endPasskey(frame.why);
        break;
      case "unpaired":
        return void this.unpaired(frame.reloadAfterMs);
      case "phone_offline":
        this.phoneOffline(frame.isOffline);
        break;
      case "progress":
        this.progress(frame.percent);
        break;
      case "sync":
        this.sync(frame);
        break;
      case "accepted":
        this.hasAccepted(frame.id, frame.t);
        break;
      case "message":
        this.models.receive(frame.message, true);
        this.connection.send({ kind: "received", id: frame.message.id });
        break;
      case "stream":
        this.models.socket.set({ state: frame.socket });
        return void this.models.stream.set({ mode: frame.mode });
      case "reload":
        return void this.storing.finally(() => location.reload());
      default:
        applyChange(this.models, this.modules(), frame);
        break;
    }
  }

  private showCode(qr: Qr): void {
    this.qr = qr;
    // Drawn before `ref` changes: listeners of that change read the code from the canvas.
    showQr(qr.fullCode, qr.matrix);
    checkPasskeySupport().then(() => this.connection.send({ kind: "passkey_support" }), console.error);
    this.models.stream.set({ mode: "QR", info: "NORMAL", displayInfo: "NORMAL" });
    this.models.conn.set({ ref: qr.ref });
  }

  private askForPasskey({ demand, at }: PasskeyDemand): void {
    this.passkey = new AbortController();
    const { signal } = this.passkey;
    const request = () => {
      this.connection.send({ kind: "passkey_requested" });
      requestPasskey(demand, signal).catch(() => {
        if (!this.token && !signal.aborted) showText("Something went wrong. Use your passkey, or try again.");
      });
    };
    if (!this.token) {
      showPasskeyDemand(demand, request);
      this.models.conn.set({ ref: null });
    }
    if (at === "once") request();
  }

  private endPasskey(why: PasskeyEnd): void {
    this.passkey?.abort();
    showText(why === "dismissed" ? "You canceled the security check." : "The security check has timed out.");
  }

  private async paired(token: string): Promise<void> {
    this.storing = keepDevice(token);
    await this.storing;
    this.token = token;
    this.models.isRegistered = true;
    this.models.socket.set({ state: "PAIRING" });
    this.models.conn.set({ ref: null });
    this.progress(0);
    this.connection.send({ kind: "hello", token });
  }

  private phoneOffline(isOffline: boolean): void {
    showAlert(isOffline ? "phone" : null);
    this.models.socket.set({ state: isOffline ? "TIMEOUT" : "CONNECTED" });
  }

  private async unpaired(reloadAfterMs = 300): Promise<void> {
    this.storing = forgetDevice();
    await this.storing;
    this.token = null;
    this.models.isRegistered = false;
    this.models.socket.set({ state: "UNPAIRED" });
    this.models.cmd.trigger("logout");
    setTimeout(() => location.reload(), reloadAfterMs);
  }

  private progress(percent: number): void {
    if (this.models.cmd.isMainLoaded) return;
    showProgress(percent);
    this.models.stream.set({ mode: "SYNCING", info: "SYNCING", displayInfo: "SYNCING" });
  }

  private sync(frame: Sync): void {
    const { models } = this;
    models.me = new Wid(frame.me.wid);
    models.myLid = new Wid(frame.me.lid);
    models.conn.set({ connected: true, pushname: frame.me.pushname, wid: models.me });
    for (const contact of frame.contacts) applyChange(models, this.modules(), { kind: "contact", contact });
    models.contacts.get(models.me)?.set({ isSelf: true });
    for (const group of frame.groups) models.group(group);
    for (const message of frame.messages) models.receive(message, false);
    for (const chat of frame.chats) models.chat(new Wid(chat.id)).set({ unreadCount: chat.unread });
    models.socket.set({ state: "CONNECTED", stream: "CONNECTED" });
    if (!models.cmd.isMainLoaded) {
      models.cmd.isMainLoaded = true;
      models.cmd.trigger("main_loaded");
      showChats();
    }
    models.stream.set({ mode: "MAIN", info: "NORMAL", displayInfo: "NORMAL" });
    this.isSynced = true;
    for (const queued of this.queue) this.connection.send(queued);
  }

  private hasAccepted(id: string, t: number): void {
    const at = this.queue.findIndex((queued) => queued.id === id);
    if (at >= 0) this.queue.splice(at, 1);
    const message = this.models.messages.get(id);
    if (message && Number(message.attributes.ack) < 1) message.set({ ack: 1 });
    this.accepted.get(id)?.(t);
    this.accepted.delete(id);
  }
}
