import { accessEndMs, type TicketAnswer, ticketRefusal } from "./ticket.ts";

interface TokenRefresherOptions {
  now: () => number;
  random: () => number;
  getTicket: () => Promise<TicketAnswer>;
  sendTicket: (ticket: string) => void;
  /** Called when the ticket request is refused for good. The connection will not be extended. */
  onRefused: (status: 401 | 403) => void;
}

/** Upper bound of the time between a refresh and the end of access. */
const maxMarginMs = 45_000;
const retryAfterMs = 5_000;
/** Largest delay that `setTimeout` supports. */
const maxTimerMs = 2 ** 31 - 1;

/** Sends a new ticket over the open connection before its access ends, so that the gateway does not close it. */
export class TokenRefresher {
  private readonly options: TokenRefresherOptions;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isStopped = false;
  /** The server's clock minus the local clock. */
  private readonly skewMs: number;
  private readonly lifetimeMs: number;

  constructor(options: TokenRefresherOptions, welcome: { expiresAt: string; timestamp: string }) {
    this.options = options;
    this.skewMs = Date.parse(welcome.timestamp) - options.now();
    this.lifetimeMs = Date.parse(welcome.expiresAt) - Date.parse(welcome.timestamp);
    this.schedule(this.lifetimeMs);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private schedule(remainingMs: number): void {
    const marginMs = Math.min(maxMarginMs, remainingMs / 4);
    // The jitter prevents that all clients that connected together also refresh together.
    this.refreshIn(remainingMs - marginMs - (this.options.random() * marginMs) / 2);
  }

  private refreshIn(delayMs: number): void {
    if (this.isStopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), Math.min(Math.max(delayMs, 0), maxTimerMs));
  }

  private async refresh(): Promise<void> {
    try {
      const { ticket } = await this.options.getTicket();
      if (this.isStopped) return;
      this.options.sendTicket(ticket);
      const endMs = accessEndMs(ticket);
      const remainingMs = endMs === undefined ? this.lifetimeMs : endMs - this.options.now() - this.skewMs;
      // A ticket made from the old access token extends nothing. Retry soon: the app is about to renew its token.
      if (remainingMs < retryAfterMs) this.refreshIn(retryAfterMs);
      else this.schedule(remainingMs);
    } catch (error) {
      if (this.isStopped) return;
      const { status, retryAfterMs: requestedMs } = ticketRefusal(error);
      if (status === 401 || status === 403) this.options.onRefused(status);
      else this.refreshIn(Math.max(requestedMs, retryAfterMs));
    }
  }
}
