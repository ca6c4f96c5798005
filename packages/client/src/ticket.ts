/** Why a ticket is wanted: to open a connection, or to prolong the authority of the one that is open. */
export type TicketReason = "connect" | "refresh";

export interface TicketAnswer {
  ticket: string;
  /** Position of the log before the answer; where the first connection starts. */
  cursor?: string;
}

/** Tells the client what a refused ticket means: 401 sign in again, 403 stop, 429 and 503 wait. */
export class TicketError extends Error {
  readonly status: number;
  readonly retryAfterMs: number | undefined;

  constructor(status: number, retryAfterMs?: number) {
    super(`No realtime ticket: ${status}`);
    this.name = "TicketError";
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Any error that says its HTTP status counts, so that apps may reject with their own. */
export function ticketRefusal(error: unknown): { status: number | undefined; retryAfterMs: number } {
  const { status, retryAfterMs } = (error ?? {}) as { status?: unknown; retryAfterMs?: unknown };
  return {
    status: typeof status === "number" ? status : undefined,
    retryAfterMs: typeof retryAfterMs === "number" && retryAfterMs > 0 ? retryAfterMs : 0,
  };
}

/** When the authority that a ticket carries ends, in epoch milliseconds: claim `ate` of its payload. */
export function authorityEndMs(ticket: string): number | undefined {
  try {
    const payload = (ticket.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const { ate } = JSON.parse(atob(payload)) as { ate?: unknown };
    return typeof ate === "number" ? ate * 1_000 : undefined;
  } catch {
    return undefined;
  }
}
