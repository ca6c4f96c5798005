/** The Idempotency-Key was used with a different message before. The API responds with 409. */
export class IdempotencyConflictError extends Error {
  override readonly name = "IdempotencyConflictError";
  constructor() {
    super("This Idempotency-Key was used for a different message");
  }
}

/** `before` is not a value that a list returned. The API responds with 422. */
export class InvalidPageKeyError extends Error {
  override readonly name = "InvalidPageKeyError";
  constructor() {
    super("`before` must be the `next` value of an earlier page");
  }
}

/** The e-mail address has a user already. An address is unique over all companies. */
export class EmailTakenError extends Error {
  override readonly name = "EmailTakenError";
  constructor() {
    super("This e-mail address is already in use");
  }
}

const networkCodes = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EHOSTUNREACH"]);
/** The server stops or starts, a connection failed, or there are too many connections. */
const serverCodes = /^(57P0[1-5]|08...|53300)$/;
/** Messages of `pg` errors without a code for a lost connection. knex may put the statement before the message. */
const lostConnection =
  /(^| - )(Connection (terminated|ended)[\w ]*|timeout expired|Client (has encountered a connection error|was closed) and is not queryable)$/;

/** True when Postgres is unavailable or has no free connection, so that waiting helps. False for errors of the statement. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  if (networkCodes.has(code) || serverCodes.test(code)) return true;
  if (error.name === "KnexTimeoutError" || lostConnection.test(error.message)) return true;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  return error.cause !== undefined && isDatabaseUnavailable(error.cause);
}

/** True when a row refers to a company, session, chat or file that does not exist, so that another attempt cannot succeed. */
export function isUnknownReference(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "23503";
}
