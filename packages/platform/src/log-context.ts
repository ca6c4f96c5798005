import { AsyncLocalStorage } from "node:async_hooks";

/** Names the work in progress. Every log line that is written during the work contains these fields. */
export interface LogContext {
  /** Of an HTTP request, of the upgrade that opened a socket, or of the request that sent a command. */
  requestId?: string;
  connectionId?: string;
  jobId?: string;
}

const storage = new AsyncLocalStorage<LogContext>();

/** Runs work, and everything that it awaits or starts, in a context. Replaces the context of the caller. */
export const withLogContext = <Result>(context: LogContext, work: () => Result): Result => storage.run(context, work);

export const currentLogContext = (): LogContext => storage.getStore() ?? {};
