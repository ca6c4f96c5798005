import { withTimeout } from "@syszap/platform/async";

/** The logger methods that the bus uses; a pino logger has them. */
export interface BusLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Redis was unreachable or could not serve. The request itself is valid and can be retried. */
export class BusUnavailableError extends Error {
  override readonly name = "BusUnavailableError";
}

/** Error replies of a Redis that cannot serve at the moment, as opposed to errors of the command. */
const temporaryReplies =
  /^(LOADING|READONLY|OOM|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|BUSY|MISCONF|EXECABORT|UNBLOCKED)\b/;

/** Converts a lost connection, a timeout or a temporary error reply to `BusUnavailableError`. Other errors are rethrown. */
export async function guarded<Result>(request: () => Promise<Result>): Promise<Result> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof BusUnavailableError) throw error;
    if (error instanceof Error && error.name === "ReplyError" && !temporaryReplies.test(error.message)) throw error;
    throw new BusUnavailableError("Redis is unavailable to the event bus", { cause: error });
  }
}

/** Like `guarded`; also rejects with `BusUnavailableError` after `timeoutMs`, when it calls `onTimeout`. */
export function answeredWithin<Result>(
  timeoutMs: number,
  request: () => Promise<Result>,
  onTimeout: () => void,
): Promise<Result> {
  const error = () => {
    onTimeout();
    return new BusUnavailableError(`Redis did not answer within ${timeoutMs} ms`);
  };
  return withTimeout(guarded(request), { timeoutMs, error });
}
