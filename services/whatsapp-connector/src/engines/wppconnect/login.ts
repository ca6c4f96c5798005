import type { Logger } from "@syszap/platform";
import type { EngineListener } from "../engine.ts";
import { type LoginState, loginStateOf } from "./login-state.ts";
import type { PageReading } from "./page-side.ts";

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
  broken(reason: string): void;
}

const lookEveryMs = 1_000;
const confirmMs = 300;
const readMs = 5_000;
/** A silent page is loaded again once; when that does not wake it, it is broken. */
const reloadAfterUnanswered = 3;
const mostUnanswered = 5;
const mostLoadingMs = 90_000;
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
  private loadingSinceMs = Date.now();
  private wasConnected = false;
  private unlinkedReadings = 0;
  private linkedAtMs: number | undefined;
  private listenedAtMs = Date.now();
  /** Set while messages may have come that nobody heard. */
  private deafSinceMs: number | undefined;

  constructor(private readonly page: LoginPage) {}

  get isConnected(): boolean {
    return this.state.detail === "connected";
  }
  /** From before the link. Only the run that saw the code scanned can tell. */
  isHistory(timestampMs: number): boolean {
    return this.linkedAtMs !== undefined && timestampMs + 1_000 <= this.linkedAtMs;
  }
  start(): void {
    this.loadingSinceMs = Date.now();
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
    this.page.listener.qr({ raw, attempt: this.attempt, expiresAt });
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
      if (this.unanswered >= mostUnanswered) this.page.broken("WhatsApp's page does not answer");
      return;
    }
    if (this.isStopped) return;
    if (reading) await this.take(reading);
    else if (Date.now() - this.loadingSinceMs > mostLoadingMs) this.page.broken("WhatsApp Web did not become ready");
  }
  private reload(): void {
    if (this.isStopped) return;
    this.page.log.warn("WhatsApp's page does not answer and is loaded again");
    this.page.reload().catch((err: unknown) => this.warn(err, "WhatsApp's page was not loaded again"));
  }
  private async take(reading: PageReading): Promise<void> {
    this.loadingSinceMs = Date.now();
    if (!reading.isHooked) {
      this.deafSinceMs ??= this.listenedAtMs;
      await this.page.hook();
    }
    if (reading.isListening) this.listenedAtMs = Date.now();
    const next = loginStateOf(reading, this.wasConnected);
    if (!next || this.isStopped) return;
    // Between two pages a linked device can look unlinked for one reading.
    this.unlinkedReadings = next.detail === "logged_out" ? this.unlinkedReadings + 1 : 0;
    if (this.unlinkedReadings === 1) return;
    if (this.state.detail === "qr" && reading.isRegistered) this.linkedAtMs = Date.now();
    this.change(next, reading.phoneNumber);
    if (this.isConnected) await this.catchUp();
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
