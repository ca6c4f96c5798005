import type { SessionReason, TypingState } from "@syszap/contracts";
import {
  type CreateEngine,
  type Engine,
  type EngineContext,
  type EngineMedia,
  type Fate,
  MediaError,
  type Outgoing,
  type Pieces,
  refusal,
  SendError,
} from "../contract/engine.ts";
import type { SimulatorOptions } from "./options.ts";
import { Acceptance } from "./phone/acceptance.ts";
import { hasNoWhatsApp, whyRefused } from "./phone/acceptance-rules.ts";
import { actOf, takeFile } from "./phone/account-action.ts";
import { makeFile } from "./phone/files.ts";
import { PhoneMemory } from "./phone/memory.ts";
import { Pairing } from "./phone/pairing.ts";
import { numberOf, Phone } from "./phone/phone.ts";
import { drawProfilePicture } from "./phone/picture.ts";
import { Timers } from "./phone/timers.ts";
import { Traffic } from "./phone/traffic.ts";
import { orders } from "./phone-commands.ts";
import type { LineLoss, PhoneControl, SimulatedPhones } from "./simulated-phones.ts";

/** Phones of this engine can be ordered about through `phones` while they run. */
export const createSimulator =
  (options: SimulatorOptions, phones: SimulatedPhones): CreateEngine =>
  (context) =>
    new SimulatorEngine(options, phones, context);

/** What runs between `start` and `stop`. */
interface Running {
  memory: PhoneMemory;
  phone: Phone;
  pairing: Pairing;
  traffic: Traffic;
  control: PhoneControl;
}

/** WhatsApp in the connector's own process: a phone that can be scanned, and customers who write. */
class SimulatorEngine implements Engine {
  readonly mayCopyProfile = true;
  private readonly timers = new Timers();
  private readonly acceptance = new Acceptance();
  private running: Running | undefined;
  private isConnected = false;
  private isStopped = false;

  constructor(
    private readonly options: SimulatorOptions,
    private readonly phones: SimulatedPhones,
    private readonly context: EngineContext,
  ) {}

  async start(): Promise<void> {
    const { listener, profileDirectory, sessionId } = this.context;
    const memory = await PhoneMemory.load(profileDirectory, sessionId);
    if (this.isStopped) return;
    const phone = new Phone(memory, listener);
    const pairing = new Pairing(this.options, this.timers, listener);
    const traffic = new Traffic(this.options, memory, phone, this.timers);
    const control: PhoneControl = orders(
      { phone, traffic, acceptance: this.acceptance },
      {
        scan: (code) => this.scan(code),
        rotateQr: () => pairing.rotate(),
        typeCode: (typed) => this.typeCode(typed),
        rotatePairingCode: () => pairing.rotateTyped(),
        drop: (why) => this.drop(why),
        restore: () => this.connect(),
        unlink: () => this.unlink("unlinked_on_phone"),
        crash: (reason) => this.crash(reason),
      },
    );
    this.running = { memory, phone, pairing, traffic, control };
    this.phones.add(sessionId, control);
    if (memory.remembered.isPaired) return this.sync();
    listener.state("qr");
    pairing.start(() => this.scan());
  }

  async send(order: Outgoing): Promise<void> {
    const { memory } = this.connected();
    const { waKey } = order;
    const number = numberOf(order.waChatId);
    await this.acceptance.turnOf(waKey);
    if (this.isStopped) throw new SendError("the engine was stopped", "transient");
    if (memory.hasAccepted(waKey)) return; // WhatsApp delivers a repeated key once
    const failure = whyRefused(order, number, memory);
    if (failure) throw refusal(failure);
    const file = order.kind === "media" ? await takeFile(order.as, order.file) : undefined;
    this.connected();
    memory.addAccepted(waKey);
    if (order.kind === "delete") memory.addFact({ kind: "revoke", ...order.target, timestampMs: Date.now() });
    this.acceptance.happened(actOf(order, number, file));
    if (!("target" in order)) this.receipts(order);
  }

  async find({ waKey }: Outgoing): Promise<Fate> {
    if (this.connected().memory.hasAccepted(waKey)) return "accepted";
    return this.acceptance.isPending(waKey) ? "pending" : "absent";
  }

  async setTyping(waChatId: string, state: TypingState): Promise<void> {
    this.connected();
    this.acceptance.happened({ kind: "typing", number: numberOf(waChatId), state });
  }

  async markRead(waChatId: string): Promise<void> {
    this.connected();
    this.acceptance.happened({ kind: "read", number: numberOf(waChatId) });
  }

  async fetchSince(timestampMs: number, changesFromMs: number): Promise<void> {
    const { memory } = this.connected();
    for (const fact of [...memory.remembered.facts]) {
      const isChange = fact.kind !== "message" && fact.kind !== "contact";
      if (fact.timestampMs >= (isChange ? changesFromMs : timestampMs)) this.context.listener.fact(fact);
    }
  }

  async fetchProfilePicture(number: string): Promise<Uint8Array | null> {
    const changes = this.connected().memory.remembered.pictures[number] ?? 0;
    return drawProfilePicture(number, changes);
  }

  async *downloadMedia(media: EngineMedia, limitBytes: number): Pieces {
    const { phone } = this.connected();
    if (phone.losesFile()) throw new MediaError("the simulated download broke", "transient");
    const file = makeFile(media.handle);
    if (file.byteLength > limitBytes) throw new MediaError("the file is larger than the limit", "too_large");
    yield file;
  }

  async pairByPhone(phoneNumber: string): Promise<void> {
    if (hasNoWhatsApp(phoneNumber)) this.context.listener.pairingRefused();
    else this.running?.pairing.byPhone(phoneNumber);
  }

  async logOut(): Promise<void> {
    this.unlink("logged_out");
    await this.running?.memory.save();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.timers.clear();
    this.acceptance.release();
    this.isConnected = false;
    const { running } = this;
    this.running = undefined;
    if (!running) return;
    this.phones.remove(this.context.sessionId, running.control);
    running.traffic.stop();
    running.phone.offline();
    await running.memory.save();
  }

  private receipts({ waKey, waChatId }: Outgoing): void {
    const { sent, delivered, read } = this.options.receiptDelaysMs;
    const receipt = (status: "sent" | "delivered" | "read") => this.running?.phone.receipt(waKey, status);
    this.timers.after(sent, () => receipt("sent"));
    this.timers.after(delivered, () => receipt("delivered"));
    this.timers.after(read, () => {
      receipt("read");
      this.running?.traffic.answer(waChatId);
    });
  }

  private scan(code?: string): void {
    const { running } = this;
    if (!running || running.memory.remembered.isPaired) return;
    if (code !== undefined && !running.pairing.isShown(code)) throw new Error("This QR code is not valid any more");
    this.pair(running, running.pairing.number);
  }

  private typeCode(typed: { code: string; phoneNumber: string }): void {
    const { running } = this;
    if (!running?.pairing.isTyped(typed)) throw new Error("This code is not valid, or not any more");
    this.pair(running, typed.phoneNumber);
  }

  private pair({ memory, pairing }: Running, phoneNumber = memory.remembered.phoneNumber): void {
    memory.remembered.isPaired = true;
    memory.remembered.phoneNumber = phoneNumber;
    memory.changed();
    pairing.stop();
    this.sync();
  }

  private sync(): void {
    this.context.listener.state("syncing");
    this.timers.after(this.options.syncMs, () => this.connect());
  }

  private connect(): void {
    const { running } = this;
    if (!running?.memory.remembered.isPaired || this.isConnected) return;
    this.isConnected = true;
    this.context.listener.state("connected", { phoneNumber: running.memory.remembered.phoneNumber });
    running.phone.online();
    running.traffic.start();
  }

  private drop(reason: LineLoss = "network_lost"): void {
    if (!this.isConnected) return;
    this.isConnected = false;
    this.running?.phone.offline();
    this.context.listener.state(reason === "opened_elsewhere" ? "conflict" : "reconnecting", { reason });
  }

  private unlink(reason: SessionReason): void {
    const { running } = this;
    if (!running?.memory.remembered.isPaired) return;
    this.isConnected = false;
    running.traffic.stop();
    running.phone.offline();
    running.memory.remembered.isPaired = false;
    running.memory.changed();
    this.context.listener.state("logged_out", { reason });
  }

  private crash(reason: SessionReason): void {
    this.isConnected = false;
    this.timers.clear();
    this.running?.phone.offline();
    this.context.listener.state("failed", { reason });
  }

  private connected(): Running {
    if (!this.running || !this.isConnected) throw new SendError("the phone is not connected", "transient");
    return this.running;
  }
}
