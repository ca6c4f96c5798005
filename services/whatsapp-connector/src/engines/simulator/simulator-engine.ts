import { isGroupChat, type SessionReason, type TypingState } from "@syszap/contracts";
import {
  type CreateEngine,
  type Engine,
  type EngineContext,
  type EngineMedia,
  type HistoryPage,
  type HistoryRequest,
  type ListedChat,
  MediaError,
  type Outgoing,
  type Pieces,
  refusal,
  SendError,
  type SendState,
} from "../contract/engine.ts";
import { createPhoneControl } from "./create-phone-control.ts";
import type { SimulatorOptions } from "./options.ts";
import { Acceptance } from "./phone/acceptance.ts";
import { hasNoWhatsApp, refusalReason } from "./phone/acceptance-rules.ts";
import { actionOf, receiveFile } from "./phone/account-action.ts";
import { makeFile } from "./phone/files.ts";
import { listChats, readHistory } from "./phone/history.ts";
import { PhoneMemory } from "./phone/memory.ts";
import { Pairing } from "./phone/pairing.ts";
import { numberOf, Phone } from "./phone/phone.ts";
import { drawProfilePicture } from "./phone/picture.ts";
import { Timers } from "./phone/timers.ts";
import { Traffic } from "./phone/traffic.ts";
import type { ConnectionLoss, PhoneControl } from "./phone-control.ts";

/** Creates engines whose control is a `PhoneControl`. */
export const createSimulator =
  (options: SimulatorOptions): CreateEngine =>
  (context) =>
    new SimulatorEngine(options, context);

/** State that exists between `start` and `stop`. */
interface Running {
  memory: PhoneMemory;
  phone: Phone;
  pairing: Pairing;
  traffic: Traffic;
  removeControl: () => void;
}

/** Simulates a phone that can be linked, and customers who write to it. */
class SimulatorEngine implements Engine {
  readonly mayCopyProfile = true;
  private readonly timers = new Timers();
  private readonly acceptance = new Acceptance();
  private running: Running | undefined;
  private isConnected = false;
  private isStopped = false;
  private areGroupsIncluded: boolean;
  private starting: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: SimulatorOptions,
    private readonly context: EngineContext,
  ) {
    this.areGroupsIncluded = context.groups ?? false;
  }

  start(): Promise<void> {
    this.starting = this.startPhone();
    return this.starting;
  }

  private async startPhone(): Promise<void> {
    const { controls, listener, profileDirectory, sessionId } = this.context;
    const memory = await PhoneMemory.load(profileDirectory, sessionId);
    if (this.isStopped) return;
    const phone = new Phone(memory, listener);
    phone.groups.include(this.areGroupsIncluded);
    const pairing = new Pairing(this.options, this.timers, listener);
    // Customers of two phones must not write the same texts at the same time.
    const seed = `${this.options.seed} ${sessionId}`;
    const traffic = new Traffic({ ...this.options, seed }, memory, phone, this.timers);
    const control: PhoneControl = createPhoneControl(
      { phone, traffic, acceptance: this.acceptance },
      {
        scan: (code) => this.scan(code),
        rotateQr: () => pairing.rotateQr(),
        typeCode: (typed) => this.typeCode(typed),
        rotatePairingCode: () => pairing.rotatePairingCode(),
        demandPasskey: (isDemanded) => pairing.demandPasskey(isDemanded),
        satisfyPasskey: () => pairing.satisfyPasskey(),
        drop: (reason) => this.drop(reason),
        restore: () => this.connect(),
        unlink: () => this.unlink("unlinked_on_phone"),
        crash: (reason) => this.crash(reason),
      },
    );
    const removeControl = controls?.add(sessionId, control) ?? (() => undefined);
    this.running = { memory, phone, pairing, traffic, removeControl };
    if (memory.remembered.isPaired) return this.sync();
    listener.state("qr");
    pairing.start(() => this.scan());
  }

  async send(outgoing: Outgoing): Promise<void> {
    const { memory } = this.connected();
    const { waKey } = outgoing;
    const number = numberOf(outgoing.waChatId);
    await this.acceptance.whenProcessed(waKey);
    if (this.isStopped) throw new SendError("the engine was stopped", "transient");
    if (memory.hasAccepted(waKey)) return; // WhatsApp delivers a repeated key only once
    const failure = refusalReason(outgoing, number, memory);
    if (failure) throw refusal(failure);
    const file = outgoing.kind === "media" ? await receiveFile(outgoing.as, outgoing.file) : undefined;
    this.connected();
    memory.addAccepted(waKey);
    if (outgoing.kind === "delete") memory.addFact({ kind: "revoke", ...outgoing.target, timestampMs: Date.now() });
    this.acceptance.record(actionOf(outgoing, number, file));
    if (!("target" in outgoing)) this.receipts(outgoing);
  }

  async find({ waKey }: Outgoing): Promise<SendState> {
    if (this.connected().memory.hasAccepted(waKey)) return "accepted";
    return this.acceptance.isPending(waKey) ? "pending" : "absent";
  }

  async setTyping(waChatId: string, state: TypingState): Promise<void> {
    this.connected();
    this.acceptance.record({ kind: "typing", number: numberOf(waChatId), state });
  }

  async markRead(waChatId: string): Promise<void> {
    this.connected();
    this.acceptance.record({ kind: "read", number: numberOf(waChatId) });
  }

  async includeGroups(isIncluded: boolean): Promise<void> {
    this.areGroupsIncluded = isIncluded;
    this.running?.phone.groups.include(isIncluded);
  }

  async listChats(): Promise<ListedChat[]> {
    return listChats(this.connected().memory.remembered.facts);
  }

  async readHistory(request: HistoryRequest): Promise<HistoryPage> {
    const { memory, phone } = this.connected();
    const page = readHistory(memory.remembered.facts, request);
    return { ...page, facts: phone.groups.complete(page.facts) };
  }

  async fetchProfilePicture(number: string): Promise<Uint8Array | null> {
    const { memory, phone } = this.connected();
    const changes = phone.groups.find(number)?.pictureChanges ?? memory.remembered.pictures[number] ?? 0;
    return drawProfilePicture(number, changes);
  }

  async *downloadMedia(media: EngineMedia, limitBytes: number): Pieces {
    const { phone } = this.connected();
    if (phone.losesFile()) throw new MediaError("the simulated download failed", "transient");
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
    await this.starting.catch(() => undefined); // a start in progress still uses the profile
    const { running } = this;
    this.running = undefined;
    if (!running) return;
    running.removeControl();
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
      if (!isGroupChat(waChatId)) this.running?.traffic.answer(waChatId);
    });
  }

  private scan(code?: string): void {
    const { running } = this;
    if (!running || running.memory.remembered.isPaired) return;
    if (code !== undefined && !running.pairing.isCurrentQr(code)) throw new Error("this QR code is no longer valid");
    this.pair(running, running.pairing.number);
  }

  private typeCode(typed: { code: string; phoneNumber: string }): void {
    const { running } = this;
    if (!running?.pairing.isCurrentPairingCode(typed)) throw new Error("this pairing code is wrong or no longer valid");
    this.pair(running, typed.phoneNumber);
  }

  private pair({ memory, pairing }: Running, phoneNumber = memory.remembered.phoneNumber): void {
    const link = () => {
      memory.remembered.isPaired = true;
      memory.remembered.phoneNumber = phoneNumber;
      memory.changed();
      this.sync();
    };
    if (!pairing.finish(link)) this.context.listener.state("action_required", { reason: "passkey_required" });
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

  private drop(reason: ConnectionLoss = "network_lost"): void {
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
