import { z } from "zod";

/** Smallest size of a log: it must hold several events of the largest size. */
const minLogBytes = 1024 * 1024;

/** Variables of the companies' event logs, for processes that publish durable events. All services must get the same values. */
export const resumeLogEnvironment = {
  /** Age up to which events are kept for clients that return, unless the log reaches its size. */
  RESUME_WINDOW_SECONDS: z.coerce
    .number()
    .int()
    .min(10)
    .max(24 * 60 * 60)
    .default(600),
  /** Size of one company's log in bytes. */
  RESUME_LOG_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(minLogBytes)
    .max(1024 * 1024 * 1024)
    .default(16 * 1024 * 1024),
};
type ResumeLogEnvironment = z.infer<z.ZodObject<typeof resumeLogEnvironment>>;

/** Converts the variables to the retention of a publisher. */
export const logRetention = (env: ResumeLogEnvironment) => ({
  windowMs: env.RESUME_WINDOW_SECONDS * 1_000,
  maxBytes: env.RESUME_LOG_MAX_BYTES,
});
