/** Codes with which a gateway closes a socket. The last three digits of a 4xxx code mirror the HTTP status of the same meaning. */
export const closeCodes = {
  malformed: 4400,
  unauthenticated: 4401,
  forbidden: 4403,
  heartbeatMissed: 4408,
  tooLarge: 4413,
  tooMany: 4429,
  slowConsumer: 4503,
  restarting: 1012,
  overloaded: 1013,
} as const;
/** A client must not reconnect by itself after these codes. After any other code it resumes from its cursor. */
export const finalCloseCodes: readonly number[] = [closeCodes.forbidden];
