import { ApiError } from "./api-error.ts";

const retryDelaysMs = [800, 2_000, 5_000];

/** Runs `attempt`, retrying transient errors a few times. Resolves with its result or with the last error. */
export async function retryTransient<Answer>(attempt: () => Promise<Answer>): Promise<Answer | ApiError> {
  for (let attempts = 0; ; attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      const failure = error instanceof ApiError ? error : new ApiError(0);
      const delayMs = retryDelaysMs[attempts];
      if (!failure.isTransient || delayMs === undefined) return failure;
      await new Promise((resolve) => setTimeout(resolve, Math.max(delayMs, failure.retryAfterMs ?? 0)));
    }
  }
}
