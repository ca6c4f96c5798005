/** Why a ticket is requested: to open a connection, or to extend the access of the open one. */
export type TicketReason = "connect" | "refresh";

export interface TicketAnswer {
  ticket: string;
  /** Log position before the ticket was issued. The first connection starts from it. */
  cursor?: string;
}

/** A refused ticket request. The client signs out on 401, stops on 403 and retries later on any other status. */
export class TicketError extends Error {
  readonly status: number;
  readonly retryAfterMs: number | undefined;

  constructor(status: number, retryAfterMs?: number) {
    super(`The request for a realtime ticket failed with status ${status}`);
    this.name = "TicketError";
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Reads `status` and `retryAfterMs` of any error, so that apps may reject with their own error classes. */
export function ticketRefusal(error: unknown): { status: number | undefined; retryAfterMs: number } {
  const { status, retryAfterMs } = (error ?? {}) as { status?: unknown; retryAfterMs?: unknown };
  return {
    status: typeof status === "number" ? status : undefined,
    retryAfterMs: typeof retryAfterMs === "number" && retryAfterMs > 0 ? retryAfterMs : 0,
  };
}

/** End of the access that a ticket grants, in epoch milliseconds (claim `ate`). Undefined if the ticket cannot be parsed. */
export function accessEndMs(ticket: string): number | undefined {
  try {
    const payload = (ticket.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const { ate } = JSON.parse(atob(payload)) as { ate?: unknown };
    return typeof ate === "number" ? ate * 1_000 : undefined;
  } catch {
    return undefined;
  }
}
