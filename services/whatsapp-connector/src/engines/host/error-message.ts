import { MediaError, SendError } from "../contract/engine.ts";

/** An error in a form that can be sent between processes. Of its class it keeps only what decides about a retry. */
export interface ErrorMessage {
  message: string;
  sendError: SendError["kind"] | undefined;
  sendReason?: SendError["reason"];
  sendScope?: SendError["scope"];
  mediaError: MediaError["kind"] | undefined;
}

export const toErrorMessage = (err: unknown): ErrorMessage => ({
  message: err instanceof Error ? err.message : String(err),
  sendError: err instanceof SendError ? err.kind : undefined,
  ...(err instanceof SendError && err.reason && { sendReason: err.reason }),
  ...(err instanceof SendError && { sendScope: err.scope }),
  mediaError: err instanceof MediaError ? err.kind : undefined,
});

export function toError({ message, sendError, sendReason, sendScope, mediaError }: ErrorMessage): Error {
  if (sendError) return new SendError(message, sendError, sendReason, sendScope);
  return mediaError ? new MediaError(message, mediaError) : new Error(message);
}
