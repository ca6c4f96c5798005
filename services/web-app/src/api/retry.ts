import { ApiError } from "./api-error.ts";

const retryDelaysMs = [800, 2_000, 5_000];

/** Tries again what may pass, a few times; resolves to its answer, or to the failure that a person has to look at. */
export async function persist<Answer>(attempt: () => Promise<Answer>): Promise<Answer | ApiError> {
  for (let tried = 0; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      const failure = error instanceof ApiError ? error : new ApiError(0);
      const delayMs = retryDelaysMs[tried];
      if (!failure.isPassing || delayMs === undefined) return failure;
      await new Promise((resolve) => setTimeout(resolve, Math.max(delayMs, failure.retryAfterMs ?? 0)));
    }
  }
}
