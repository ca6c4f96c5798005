import type { TransportEnd } from "./transport.ts";
import type { ConnectFailure } from "./types.ts";

/** `fetch` reports only "fetch failed" and puts the reason, such as a refused connection, into `cause`. */
export function ticketFailure(error: unknown, status: number | undefined): ConnectFailure {
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  const reason = cause instanceof Error && cause.message !== "" ? `: ${cause.message}` : "";
  return { step: "ticket", message: `${message}${reason}`, status };
}

export function socketFailure({ code, reason, error }: TransportEnd): ConnectFailure {
  const closed = `The socket closed with code ${code}${reason === "" ? "" : ` (${reason})`}`;
  const status = /^Unexpected server response: (\d{3})$/.exec(error ?? "")?.[1];
  return { step: "socket", message: error ?? closed, status: status === undefined ? undefined : Number(status) };
}
