import { authorityEndMs, type TicketAnswer, ticketRefusal } from "./ticket.ts";

interface AuthorityOptions {
  now: () => number;
  random: () => number;
  getTicket: () => Promise<TicketAnswer>;
  sendTicket: (ticket: string) => void;
  /** The ticket was refused for good: nothing prolongs this connection any more. */
  onRefused: (status: 401 | 403) => void;
}

const earliestMarginMs = 45_000;
const retryAfterMs = 5_000;
const longestTimerMs = 2 ** 31 - 1;

/** Prolongs what a connection may do before it ends, inside the connection, so that it need not be opened anew. */
export class Authority {
  private readonly options: AuthorityOptions;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isOver = false;
  /** The server's clock less ours. */
  private skewMs: number;
  private lifetimeMs: number;

  constructor(options: AuthorityOptions, welcome: { expiresAt: string; timestamp: string }) {
    this.options = options;
    this.skewMs = Date.parse(welcome.timestamp) - options.now();
    this.lifetimeMs = Date.parse(welcome.expiresAt) - Date.parse(welcome.timestamp);
    this.schedule(this.lifetimeMs);
  }

  stop(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }

  private schedule(remainingMs: number): void {
    const marginMs = Math.min(earliestMarginMs, remainingMs / 4);
    // Spread: all that were let in together would otherwise ask together.
    this.wait(remainingMs - marginMs - (this.options.random() * marginMs) / 2);
  }

  private wait(delayMs: number): void {
    if (this.isOver) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), Math.min(Math.max(delayMs, 0), longestTimerMs));
  }

  private async refresh(): Promise<void> {
    try {
      const { ticket } = await this.options.getTicket();
      if (this.isOver) return;
      this.options.sendTicket(ticket);
      const endMs = authorityEndMs(ticket);
      const remainingMs = endMs === undefined ? this.lifetimeMs : endMs - this.options.now() - this.skewMs;
      // A ticket of the old access token prolongs nothing: ask again soon, the app is about to renew it.
      if (remainingMs < retryAfterMs) this.wait(retryAfterMs);
      else this.schedule(remainingMs);
    } catch (error) {
      if (this.isOver) return;
      const { status, retryAfterMs: askedMs } = ticketRefusal(error);
      if (status === 401 || status === 403) this.options.onRefused(status);
      else this.wait(Math.max(askedMs, retryAfterMs));
    }
  }
}
