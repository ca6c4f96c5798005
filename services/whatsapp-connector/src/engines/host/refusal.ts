import { MediaError, SendError } from "../contract/engine.ts";

/** An error on its way between processes: of its class only what decides about a retry is kept. */
export interface Refusal {
  message: string;
  sendError: SendError["kind"] | undefined;
  sendReason?: SendError["reason"];
  mediaError: MediaError["kind"] | undefined;
}

export const refusalOf = (err: unknown): Refusal => ({
  message: err instanceof Error ? err.message : String(err),
  sendError: err instanceof SendError ? err.kind : undefined,
  ...(err instanceof SendError && err.reason && { sendReason: err.reason }),
  mediaError: err instanceof MediaError ? err.kind : undefined,
});

export function errorOf({ message, sendError, sendReason, mediaError }: Refusal): Error {
  if (sendError) return new SendError(message, sendError, sendReason);
  return mediaError ? new MediaError(message, mediaError) : new Error(message);
}
