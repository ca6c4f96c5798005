import type { FromPage, ToPage, WireMedia } from "../protocol.ts";
import { applyChange, type Modules } from "./changes.ts";
import { Connection, type Told } from "./connection.ts";
import { forgetDevice, keepDevice, readDevice } from "./device.ts";
import type { MsgModel } from "./message-model.ts";
import { showAlert, showChats, showExpiredQr, showProgress, showQr } from "./screens.ts";
import { Wid } from "./wid.ts";
import { World } from "./world.ts";

type Qr = Extract<ToPage, { kind: "qr" }>;
type Sync = Extract<ToPage, { kind: "sync" }>;
type Delivery = Extract<FromPage, { kind: "send" | "edit" | "react" | "revoke" }>;
type Send = Extract<Delivery, { kind: "send" }>;

/** The life of the page: unpaired with a QR code, paired, syncing, in the main screen, cut off, unlinked. */
export class Account {
  readonly world: World;
  readonly connection: Connection;
  qr: Qr | undefined;
  private token: string | null = null;
  private isSynced = false;
  private readonly queue: Delivery[] = [];
  private readonly accepted = new Map<string, (t: number) => void>();

  constructor(private readonly modules: () => Modules) {
    this.connection = new Connection({
      opened: () => this.opened(),
      lost: () => this.lost(),
      frame: (frame) => this.take(frame),
    });
    this.world = new World((frame) => this.connection.tell(frame));
    this.world.pictures.ask = async (wid) =>
      (await this.connection.ask("picture", String(wid))) as { tag: string; url: string } | null;
  }
  async boot(): Promise<void> {
    this.token = await readDevice();
    this.world.isRegistered = this.token !== null;
    if (this.token) showProgress(0);
    this.connection.open();
  }
  /** Resolves with WhatsApp's time once the server has the message, however often the link is lost meanwhile. */
  send(model: MsgModel, media?: WireMedia): Promise<number> {
    const { id, to, type, body, t, caption, quotedStanzaID, lat, lng, loc } = model.attributes;
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
      ...(type === "location" && { place: { lat: Number(lat), lng: Number(lng), loc: String(loc ?? "") } }),
    };
    return this.deliver(frame);
  }
  deliver(frame: Delivery): Promise<number> {
    this.queue.push(frame);
    if (this.isSynced) this.connection.tell(frame);
    return new Promise((resolve) => this.accepted.set(frame.id, resolve));
  }
  logOut(): void {
    this.connection.tell({ kind: "log_out" });
  }

  private opened(): void {
    const { stream, socket, network } = this.world;
    network.set({ online: true });
    showAlert(null);
    if (this.token) {
      socket.set({ state: "PAIRING", stream: "SYNCING" });
      stream.set({ info: "PAIRING", displayInfo: "PAIRING" });
    } else {
      socket.set({ state: "UNPAIRED", stream: "CONNECTED" });
    }
    this.connection.tell({ kind: "hello", token: this.token });
  }
  private lost(): void {
    this.isSynced = false;
    const { stream, socket, network } = this.world;
    network.set({ online: false });
    showAlert("computer");
    socket.set({ state: "TIMEOUT", stream: "DISCONNECTED" });
    stream.set({ info: "OFFLINE", displayInfo: "OFFLINE" });
    socket.set({ state: "OPENING" });
    stream.set({ info: "OPENING", displayInfo: "OPENING" });
  }
  private take(frame: Told): void {
    switch (frame.kind) {
      case "qr":
        this.showCode(frame);
        break;
      case "qr_idle":
        showExpiredQr(() => this.connection.tell({ kind: "new_qr" }));
        break;
      case "link_code_over":
        this.world.linkEvents.trigger("link_device_events:refresh_alt_linking_code");
        break;
      case "paired":
        return void this.paired(frame.token);
      case "unpaired":
        return void this.unpaired(frame.reloadAfterMs);
      case "phone_away":
        this.phoneAway(frame.isAway);
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
        this.world.receive(frame.message, true);
        this.connection.tell({ kind: "got", id: frame.message.id });
        break;
      case "stream":
        this.world.socket.set({ state: frame.socket });
        return void this.world.stream.set({ mode: frame.mode });
      case "reload":
        location.reload();
        break;
      default:
        applyChange(this.world, this.modules(), frame);
        break;
    }
  }
  private showCode(qr: Qr): void {
    this.qr = qr;
    showQr(qr.fullCode, qr.matrix); // before the attribute: whoever hears of the new code reads it from the canvas
    this.world.stream.set({ mode: "QR", info: "NORMAL", displayInfo: "NORMAL" });
    this.world.conn.set({ ref: qr.ref });
  }
  private async paired(token: string): Promise<void> {
    await keepDevice(token);
    this.token = token;
    this.world.isRegistered = true;
    this.world.socket.set({ state: "PAIRING" });
    this.world.conn.set({ ref: null });
    this.progress(0);
    this.connection.tell({ kind: "hello", token });
  }
  private phoneAway(isAway: boolean): void {
    showAlert(isAway ? "phone" : null);
    this.world.socket.set({ state: isAway ? "TIMEOUT" : "CONNECTED" });
  }
  private async unpaired(reloadAfterMs = 300): Promise<void> {
    await forgetDevice();
    this.token = null;
    this.world.isRegistered = false;
    this.world.socket.set({ state: "UNPAIRED" });
    this.world.cmd.trigger("logout");
    setTimeout(() => location.reload(), reloadAfterMs);
  }
  private progress(percent: number): void {
    if (this.world.cmd.isMainLoaded) return;
    showProgress(percent);
    this.world.stream.set({ mode: "SYNCING", info: "SYNCING", displayInfo: "SYNCING" });
  }
  private sync(frame: Sync): void {
    const { world } = this;
    world.me = new Wid(frame.me.wid);
    world.myLid = new Wid(frame.me.lid);
    world.conn.set({ connected: true, pushname: frame.me.pushname, wid: world.me });
    for (const contact of frame.contacts) applyChange(world, this.modules(), { kind: "contact", contact });
    world.contacts.get(world.me)?.set({ isSelf: true });
    for (const message of frame.messages) world.receive(message, false);
    for (const chat of frame.chats) world.chat(new Wid(chat.id)).set({ unreadCount: chat.unread });
    world.socket.set({ state: "CONNECTED", stream: "CONNECTED" });
    if (!world.cmd.isMainLoaded) {
      world.cmd.isMainLoaded = true;
      world.cmd.trigger("main_loaded");
      showChats();
    }
    world.stream.set({ mode: "MAIN", info: "NORMAL", displayInfo: "NORMAL" });
    this.isSynced = true;
    for (const queued of this.queue) this.connection.tell(queued);
  }
  private hasAccepted(id: string, t: number): void {
    const at = this.queue.findIndex((queued) => queued.id === id);
    if (at >= 0) this.queue.splice(at, 1);
    const message = this.world.messages.get(id);
    if (message && Number(message.attributes.ack) < 1) message.set({ ack: 1 });
    this.accepted.get(id)?.(t);
    this.accepted.delete(id);
  }
}
