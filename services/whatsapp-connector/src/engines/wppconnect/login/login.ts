import type { SessionReason } from "@syszap/contracts";
import type { Logger } from "@syszap/platform";
import type { EngineListener } from "../../contract/engine.ts";
import type { PageReading } from "../page/account.ts";
import { connectionLossOf, type LoginState, loginStateOf, passkeyRequired } from "./login-state.ts";
import { type PageFault, PageTimeouts, pageTimeouts } from "./page-timeouts.ts";

interface LoginDependencies {
  listener: EngineListener;
  log: Logger;
  /** Resolves with null while the page is loading. */
  read(timeoutMs: number): Promise<PageReading | null>;
  installHooks(): Promise<void>;
  reload(): Promise<void>;
  /** Called at each change to `connected`. */
  connected(): Promise<void>;
  /** Why the network is lost, if it is known. */
  lossReason?(): SessionReason | undefined;
  fail(reason: SessionReason): void;
}

const checkEveryMs = 1_000;
const confirmAfterMs = 300;
const readTimeoutMs = 5_000;
/** A page that does not answer is reloaded once; if it still does not answer, the engine fails. */
const reloadAfterUnanswered = 3;
const maxUnanswered = 5;
/** Validity of WhatsApp's QR codes: one minute for the first, then 20 seconds each. */
const qrMs = (attempt: number) => (attempt === 1 ? 60_000 : 20_000);
/** WhatsApp's timestamps are whole seconds of its own clock. */
const clockMarginMs = 10_000;

/** Watches WhatsApp's page. Emits each change of state once, and detects a page that was reloaded or does not respond. */
export class Login {
  private state: LoginState = { detail: "starting" };
  private timer: NodeJS.Timeout | undefined;
  private isChecking = false;
  private isCheckRequested = false;
  private isStopped = false;
  private attempt = 0;
  private unanswered = 0;
  private isUnreachable = false;
  private wasConnected = false;
  private unlinkedReadings = 0;
  private code: Parameters<EngineListener["qr"]>[0] | undefined;
  private listenedAtMs = Date.now();
  /** Set while messages may have been missed. */
  private missedSinceMs: number | undefined;

  constructor(
    private readonly page: LoginDependencies,
    private readonly timeouts = new PageTimeouts(pageTimeouts),
  ) {}

  get isConnected(): boolean {
    return this.state.detail === "connected";
  }

  start(): void {
    this.check();
  }

  /** Reads the page now instead of within a second. */
  check(): void {
    this.isCheckRequested = true;
    if (this.isStopped || this.isChecking) return;
    this.isChecking = true;
    this.isCheckRequested = false;
    clearTimeout(this.timer);
    this.readOnce()
      .catch((err: unknown) => this.page.log.error({ err }, "page state could not be processed"))
      .finally(() => {
        this.isChecking = false;
        if (this.isCheckRequested) this.check();
        else if (!this.isStopped) this.timer = setTimeout(() => this.check(), this.nextCheckMs);
      });
  }

  qr(raw: string): void {
    if (this.isStopped) return;
    if (this.wasConnected) {
      this.check(); // the phone was unlinked: emits `logged_out`, which ends this run
      return;
    }
    if (this.state.reason === passkeyRequired.reason) return;
    this.attempt += 1;
    this.page.log.info({ attempt: this.attempt }, "WhatsApp issued a QR code");
    this.change({ detail: "qr" });
    const expiresAt = new Date(Date.now() + qrMs(this.attempt));
    this.code = { raw, attempt: this.attempt, expiresAt };
    this.page.listener.qr(this.code);
  }

  /** Call when WhatsApp's page requests a passkey. Requests of a linked page do not concern the login. */
  passkeyDemanded(): void {
    if (this.isStopped || this.wasConnected || this.code === undefined) return;
    this.page.log.warn("WhatsApp demands a passkey");
    this.change(passkeyRequired);
  }

  /** Call when WhatsApp could not be reached to load the page. */
  networkLost(): void {
    this.isUnreachable = true;
    if (!this.isStopped) this.change({ detail: "reconnecting", reason: "network_lost" });
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.state = { detail: "stopped" };
  }

  private get nextCheckMs(): number {
    return this.unlinkedReadings > 0 ? confirmAfterMs : checkEveryMs;
  }

  private async readOnce(): Promise<void> {
    let reading: PageReading | null;
    try {
      reading = await this.page.read(readTimeoutMs);
      this.unanswered = 0;
    } catch {
      // Expected for a moment while the page navigates. A crashed or frozen page never answers again.
      this.unanswered += 1;
      if (this.unanswered === reloadAfterUnanswered) this.reload();
      if (this.unanswered >= maxUnanswered) this.page.fail("page_silent");
      return;
    }
    if (this.isStopped) return;
    const next = reading ? loginStateOf(reading, this.wasConnected, this.state) : undefined;
    const fault = this.faultOf(reading, next);
    const decision = this.timeouts.decide(fault);
    if (decision === "reload") this.reload();
    if (decision === "give up" && fault) return this.page.fail(fault);
    if (reading) await this.process(reading, next);
  }

  private faultOf(reading: PageReading | null, next: LoginState | undefined): PageFault | undefined {
    if (!reading) return this.isUnreachable ? undefined : "page_not_ready";
    if (!next) return this.isCodeValid ? undefined : "page_not_ready";
    if (next.detail !== "syncing" && next.detail !== "reconnecting") return undefined;
    if (connectionLossOf(reading) !== undefined) return undefined;
    return reading.mode === "MAIN" && !reading.isListening ? "page_not_ready" : "sync_stuck";
  }

  private get isCodeValid(): boolean {
    return this.code !== undefined && this.code.expiresAt.getTime() > Date.now();
  }

  private reload(): void {
    if (this.isStopped) return;
    this.page.log.warn("WhatsApp's page makes no progress and is reloaded");
    this.page.reload().catch((err: unknown) => this.warn(err, "WhatsApp's page could not be reloaded"));
  }

  private async process(reading: PageReading, next: LoginState | undefined): Promise<void> {
    this.isUnreachable = false;
    if (!reading.isHooked) {
      this.missedSinceMs ??= this.listenedAtMs;
      await this.page.installHooks();
    }
    if (reading.isListening) this.listenedAtMs = Date.now();
    if (this.isStopped) return;
    if (!next) return this.showCodeAgain();
    // A linked device can look unlinked for one reading while the page is replaced.
    this.unlinkedReadings = next.detail === "logged_out" ? this.unlinkedReadings + 1 : 0;
    if (this.unlinkedReadings === 1) return;
    if (next.detail === "syncing" || next.detail === "connected") this.code = undefined;
    this.change(next, reading.phoneNumber);
    if (this.isConnected) this.reportMissed();
  }

  /** After `reconnecting`, emits the QR code again if it is still valid. */
  private showCodeAgain(): void {
    if (this.state.detail !== "reconnecting" || !this.code || !this.isCodeValid) return;
    this.change({ detail: "qr" });
    this.page.listener.qr(this.code);
  }

  private change(state: LoginState, phoneNumber: string | null = null): void {
    const cause = state.reason === "network_lost" ? this.page.lossReason?.() : undefined;
    const next = cause === undefined ? state : { ...state, reason: cause };
    if (next.detail === this.state.detail && next.reason === this.state.reason) return;
    this.state = next;
    this.page.listener.state(next.detail, {
      ...(next.reason !== undefined && { reason: next.reason }),
      ...(next.detail === "connected" && phoneNumber !== null && { phoneNumber }),
    });
    if (next.detail !== "connected") return;
    this.wasConnected = true;
    this.attempt = 0;
    this.page.connected().catch((err: unknown) => this.warn(err, "typing is not watched"));
  }

  private reportMissed(): void {
    if (this.missedSinceMs === undefined) return;
    this.page.listener.missed(this.missedSinceMs - clockMarginMs);
    this.missedSinceMs = undefined;
  }

  /** Logs nothing after `stop`: a browser that is closing rejects every call. */
  private warn(err: unknown, message: string): void {
    if (!this.isStopped) this.page.log.warn({ err }, message);
  }
}
