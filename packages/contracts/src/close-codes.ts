/** Why a gateway closed a socket. The last three digits mirror the HTTP status with the same meaning. */
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
/** After these a client must not come back by itself; after all others it resumes with its cursor. */
export const finalCloseCodes: readonly number[] = [closeCodes.forbidden];
