/** What the bus needs of a logger; pino's fits. */
export interface BusLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Redis could not be asked, or could not answer: nothing is wrong with the request, try it again later. */
export class BusUnavailableError extends Error {
  override readonly name = "BusUnavailableError";
}

/** Answers by which a Redis says that it can't serve now, as opposed to "this command is wrong". */
const temporaryReplies =
  /^(LOADING|READONLY|OOM|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|BUSY|MISCONF|EXECABORT|UNBLOCKED)\b/;

/** Turns a lost link, a timeout or a Redis that can't serve into `BusUnavailableError`; faults of our own stay as they are. */
export async function guarded<Result>(ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof BusUnavailableError) throw error;
    if (error instanceof Error && error.name === "ReplyError" && !temporaryReplies.test(error.message)) throw error;
    throw new BusUnavailableError("the event bus does not answer", { cause: error });
  }
}

/** Rejects with `BusUnavailableError` when there is no answer in time; `onLate` may end the link that owes it. */
export async function answered<Result>(
  ask: () => Promise<Result>,
  timeoutMs: number,
  onLate: () => void = () => undefined,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    const giveUp = () => {
      onLate();
      reject(new BusUnavailableError(`no answer within ${timeoutMs} ms`));
    };
    timer = setTimeout(giveUp, timeoutMs).unref();
  });
  try {
    return await Promise.race([guarded(ask), silence]);
  } finally {
    clearTimeout(timer);
  }
}
