import type { Logger } from "@syszap/platform";
import { type Backoff, retryUntilAborted } from "@syszap/platform/async";
import type { Lease } from "../lease.ts";

export interface LinkCode {
  /** Content of the QR code, or the characters to type. */
  text: string;
  expiresAt: Date;
}
export interface ShownCode extends LinkCode {
  attempt: number;
  ttlMs: number;
}
interface LinkCodesDependencies {
  log: Logger;
  maxAttempts: number;
  /** Returns false when another connector owns the session now. */
  publish(code: ShownCode): Promise<boolean>;
  clear(): Promise<unknown>;
  /** None of the codes was used. */
  onExpired(): void;
}

const publishBackoff: Backoff = { firstMs: 200, maxMs: 2_000 };

/** Publishes link codes to users who may link phones, each replacing the previous one, up to a limit. */
export class LinkCodes {
  private attempt = 0;
  private lastText: string | undefined;
  private current = new AbortController();
  private lastExpiry: NodeJS.Timeout | undefined;

  constructor(
    private readonly lease: Lease,
    private readonly dependencies: LinkCodesDependencies,
  ) {}

  get isShown(): boolean {
    return this.lastText !== undefined;
  }

  show(code: LinkCode): void {
    if (code.text === this.lastText) return;
    this.lastText = code.text;
    this.attempt += 1;
    this.current.abort();
    if (this.attempt > this.dependencies.maxAttempts) {
      this.dependencies.onExpired();
      return;
    }
    if (this.attempt === this.dependencies.maxAttempts) {
      this.lastExpiry = setTimeout(
        () => this.dependencies.onExpired(),
        Math.max(0, code.expiresAt.getTime() - Date.now()),
      );
    }
    this.current = new AbortController();
    void this.publish(code, this.attempt, this.current.signal);
  }

  /** Resets the limit; called when a user requests codes again. */
  startOver(): void {
    this.hide();
    this.attempt = 0;
  }

  /** Withdraws the code: the phone is linked, or linking was cancelled. */
  hide(): void {
    this.current.abort();
    clearTimeout(this.lastExpiry);
    if (this.lastText === undefined) return;
    this.lastText = undefined;
    this.dependencies
      .clear()
      .catch((err: unknown) => this.dependencies.log.warn({ err }, "code not withdrawn, it will expire"));
  }

  private async publish(code: LinkCode, attempt: number, signal: AbortSignal): Promise<void> {
    const { log, publish } = this.dependencies;
    await retryUntilAborted(
      async () => {
        const ttlMs = code.expiresAt.getTime() - Date.now();
        if (ttlMs <= 0 || signal.aborted || !this.lease.mayAct) return;
        const isOurs = await publish({ ...code, attempt, ttlMs });
        if (!isOurs) log.warn("code refused: another connector owns the session");
      },
      { backoff: publishBackoff, signal, onFailure: (err) => log.warn({ err }, "code not published yet") },
    );
  }
}
