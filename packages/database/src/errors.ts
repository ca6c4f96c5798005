/** The same Idempotency-Key came with another message. The API answers 409. */
export class IdempotencyConflictError extends Error {
  override readonly name = "IdempotencyConflictError";
  constructor() {
    super("this Idempotency-Key was used for another message");
  }
}

/** A page's `before` is none that a list gave out. The API answers 422. */
export class InvalidPageKeyError extends Error {
  override readonly name = "InvalidPageKeyError";
  constructor() {
    super("`before` must be the `next` of an earlier page");
  }
}

/** An e-mail address belongs to one login only, over all companies. */
export class EmailTakenError extends Error {
  override readonly name = "EmailTakenError";
  constructor() {
    super("this e-mail address has a login already");
  }
}

const networkCodes = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EHOSTUNREACH"]);
/** Server stopping or starting, connection failures, too many connections. */
const serverCodes = /^(57P0[1-5]|08...|53300)$/;
/** What `pg` says, without a code, of a connection that is gone; knex may put the statement before it. */
const lostConnection =
  /(^| - )(Connection (terminated|ended)[\w ]*|timeout expired|Client (has encountered a connection error|was closed) and is not queryable)$/;

/** True while Postgres is away or full, so that waiting helps; false for faults of the statement itself. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  if (networkCodes.has(code) || serverCodes.test(code)) return true;
  if (error.name === "KnexTimeoutError" || lostConnection.test(error.message)) return true;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  return error.cause !== undefined && isDatabaseUnavailable(error.cause);
}

/** The row names a company, session, chat or file that does not exist: trying again changes nothing. */
export function isUnknownReference(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "23503";
}
