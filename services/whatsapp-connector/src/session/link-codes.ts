import type { Logger } from "@syszap/platform";
import { type Backoff, retryUntilAborted } from "@syszap/platform/async";
import type { Lease } from "../lease.ts";

export interface LinkCode {
  /** What a phone reads off it, or a person types. */
  text: string;
  expiresAt: Date;
}
export interface Shown extends LinkCode {
  attempt: number;
  ttlMs: number;
}
interface Given {
  log: Logger;
  maxAttempts: number;
  /** False: another connector owns the session by now. */
  publish(code: Shown): Promise<boolean>;
  clear(): Promise<unknown>;
  /** Nobody used any of them. */
  onExpired(): void;
}

const publishing: Backoff = { firstMs: 200, maxMs: 2_000 };

/** Shows one code after another to those who may link phones, as long as somebody may still want them. */
export class LinkCodes {
  private attempt = 0;
  private lastText: string | undefined;
  private current = new AbortController();
  private lastExpiry: NodeJS.Timeout | undefined;

  constructor(
    private readonly lease: Lease,
    private readonly given: Given,
  ) {}

  get isShown(): boolean {
    return this.lastText !== undefined;
  }

  show(code: LinkCode): void {
    if (code.text === this.lastText) return;
    this.lastText = code.text;
    this.attempt += 1;
    this.current.abort();
    if (this.attempt > this.given.maxAttempts) {
      this.given.onExpired();
      return;
    }
    if (this.attempt === this.given.maxAttempts) {
      this.lastExpiry = setTimeout(() => this.given.onExpired(), code.expiresAt.getTime() - Date.now());
    }
    this.current = new AbortController();
    void this.publish(code, this.attempt, this.current.signal);
  }

  /** A person asked for codes again: as many as at first. */
  startOver(): void {
    this.hide();
    this.attempt = 0;
  }

  /** The phone is linked, or nobody wants to link it any more. */
  hide(): void {
    this.current.abort();
    clearTimeout(this.lastExpiry);
    if (this.lastText === undefined) return;
    this.lastText = undefined;
    this.given.clear().catch((err: unknown) => this.given.log.warn({ err }, "code not taken back, it will expire"));
  }

  private async publish(code: LinkCode, attempt: number, signal: AbortSignal): Promise<void> {
    const { log, publish } = this.given;
    await retryUntilAborted(
      async () => {
        const ttlMs = code.expiresAt.getTime() - Date.now();
        if (ttlMs <= 0 || signal.aborted || !this.lease.mayAct) return;
        const isOurs = await publish({ ...code, attempt, ttlMs });
        if (!isOurs) log.warn("code refused: another connector owns the session");
      },
      { backoff: publishing, signal, onFailure: (err) => log.warn({ err }, "code not published yet") },
    );
  }
}
