import type { SessionReason } from "@syszap/contracts";
import type { Logger } from "@syszap/platform";
import type { EngineListener } from "../../contract/engine.ts";
import type { PageReading } from "../page/account.ts";
import { type LoginState, loginStateOf, whatIsAway } from "./login-state.ts";
import { type Illness, PagePatience, pagePatience } from "./page-timeouts.ts";

interface LoginPage {
  listener: EngineListener;
  log: Logger;
  read(timeoutMs: number): Promise<PageReading | null>;
  hook(): Promise<void>;
  reload(): Promise<void>;
  /** Once per way into `connected`. */
  connected(): Promise<void>;
  /** Reports what arrived since then. */
  fetchSince(timestampMs: number): Promise<void>;
  broken(reason: SessionReason): void;
}

const lookEveryMs = 1_000;
const confirmMs = 300;
const readMs = 5_000;
/** A silent page is loaded again once; when that does not wake it, it is broken. */
const reloadAfterUnanswered = 3;
const mostUnanswered = 5;
/** WhatsApp's own: a minute for the first code, then twenty seconds each. */
const qrMs = (attempt: number) => (attempt === 1 ? 60_000 : 20_000);
/** WhatsApp tells times in whole seconds, and its clock is not ours. */
const clockMarginMs = 10_000;

/** Watches the page: tells each change of state once, and notices a page that was reloaded or died. */
export class Login {
  private state: LoginState = { detail: "starting" };
  private timer: NodeJS.Timeout | undefined;
  private isLooking = false;
  private isLookWanted = false;
  private isStopped = false;
  private attempt = 0;
  private unanswered = 0;
  private isUnreachable = false;
  private wasConnected = false;
  private unlinkedReadings = 0;
  private code: Parameters<EngineListener["qr"]>[0] | undefined;
  private linkedAtMs: number | undefined;
  private listenedAtMs = Date.now();
  /** Set while messages may have come that nobody heard. */
  private deafSinceMs: number | undefined;

  constructor(
    private readonly page: LoginPage,
    private readonly patience = new PagePatience(pagePatience),
  ) {}

  get isConnected(): boolean {
    return this.state.detail === "connected";
  }
  /** From before the link. Only the run that saw the code scanned can tell. */
  isHistory(timestampMs: number): boolean {
    return this.linkedAtMs !== undefined && timestampMs + 1_000 <= this.linkedAtMs;
  }
  start(): void {
    this.look();
  }
  /** Looks now instead of within a second. */
  look(): void {
    this.isLookWanted = true;
    if (this.isStopped || this.isLooking) return;
    this.isLooking = true;
    this.isLookWanted = false;
    clearTimeout(this.timer);
    this.readOnce()
      .catch((err: unknown) => this.page.log.error({ err }, "the page's state was not understood"))
      .finally(() => {
        this.isLooking = false;
        if (this.isLookWanted) this.look();
        else if (!this.isStopped) this.timer = setTimeout(() => this.look(), this.lookAgainMs);
      });
  }
  qr(raw: string): void {
    if (this.isStopped) return;
    if (this.wasConnected) {
      this.look(); // unlinked: that is told first, and ends this run
      return;
    }
    this.attempt += 1;
    this.page.log.info({ attempt: this.attempt }, "WhatsApp issued a QR code");
    this.change({ detail: "qr" });
    const expiresAt = new Date(Date.now() + qrMs(this.attempt));
    this.code = { raw, attempt: this.attempt, expiresAt };
    this.page.listener.qr(this.code);
  }
  /** WhatsApp can't be reached, so the page could not even be loaded. */
  networkLost(): void {
    this.isUnreachable = true;
    if (!this.isStopped) this.change({ detail: "reconnecting", reason: "network_lost" });
  }
  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.state = { detail: "stopped" };
  }

  private get lookAgainMs(): number {
    return this.unlinkedReadings > 0 ? confirmMs : lookEveryMs;
  }
  private async readOnce(): Promise<void> {
    let reading: PageReading | null;
    try {
      reading = await this.page.read(readMs);
      this.unanswered = 0;
    } catch {
      // Right for a moment while the page navigates; a crashed or frozen page never answers again.
      this.unanswered += 1;
      if (this.unanswered === reloadAfterUnanswered) this.reload();
      if (this.unanswered >= mostUnanswered) this.page.broken("page_silent");
      return;
    }
    if (this.isStopped) return;
    const next = reading ? loginStateOf(reading, this.wasConnected, this.state) : undefined;
    const illness = this.illnessOf(reading, next);
    const verdict = this.patience.judge(illness);
    if (verdict === "reload") this.reload();
    if (verdict === "give up" && illness) return this.page.broken(illness);
    if (reading) await this.take(reading, next);
  }
  private illnessOf(reading: PageReading | null, next: LoginState | undefined): Illness | undefined {
    if (!reading) return this.isUnreachable ? undefined : "page_not_ready";
    if (!next) return this.isCodeShown ? undefined : "page_not_ready";
    if (next.detail !== "syncing" && next.detail !== "reconnecting") return undefined;
    if (whatIsAway(reading) !== undefined) return undefined;
    return reading.mode === "MAIN" && !reading.isListening ? "page_not_ready" : "sync_stuck";
  }
  private get isCodeShown(): boolean {
    return this.code !== undefined && this.code.expiresAt.getTime() > Date.now();
  }
  private reload(): void {
    if (this.isStopped) return;
    this.page.log.warn("WhatsApp's page gets nowhere and is loaded again");
    this.page.reload().catch((err: unknown) => this.warn(err, "WhatsApp's page was not loaded again"));
  }
  private async take(reading: PageReading, next: LoginState | undefined): Promise<void> {
    this.isUnreachable = false;
    if (!reading.isHooked) {
      this.deafSinceMs ??= this.listenedAtMs;
      await this.page.hook();
    }
    if (reading.isListening) this.listenedAtMs = Date.now();
    if (this.isStopped) return;
    if (!next) return this.showCodeAgain();
    // Between two pages a linked device can look unlinked for one reading.
    this.unlinkedReadings = next.detail === "logged_out" ? this.unlinkedReadings + 1 : 0;
    if (this.unlinkedReadings === 1) return;
    if (next.detail === "syncing" || next.detail === "connected") this.code = undefined;
    if (this.state.detail === "qr" && reading.isRegistered) this.linkedAtMs = Date.now();
    this.change(next, reading.phoneNumber);
    if (this.isConnected) await this.catchUp();
  }
  /** It was taken off the screen while WhatsApp could not be reached, and is worth something still. */
  private showCodeAgain(): void {
    if (this.state.detail !== "reconnecting" || !this.code || !this.isCodeShown) return;
    this.change({ detail: "qr" });
    this.page.listener.qr(this.code);
  }
  private change(next: LoginState, phoneNumber: string | null = null): void {
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
  /** Tried again with the next look when it fails. */
  private async catchUp(): Promise<void> {
    const sinceMs = this.deafSinceMs;
    if (sinceMs === undefined) return;
    try {
      await this.page.fetchSince(sinceMs - clockMarginMs);
      this.deafSinceMs = undefined;
    } catch (err) {
      this.warn(err, "missed messages were not fetched");
    }
  }
  /** A browser that is being closed answers everything with an error. */
  private warn(err: unknown, what: string): void {
    if (!this.isStopped) this.page.log.warn({ err }, what);
  }
}
