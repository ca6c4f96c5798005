import type { Problem } from "@syszap/contracts";
import { type ProblemName, problemTypes } from "@syszap/contracts/constants";

/** An unsuccessful answer of the REST API. Status 0 means that there was no answer. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Partial<Problem>;
  /** The server's `Retry-After`. The realtime client reads it too. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, problem: Partial<Problem> = {}, retryAfterMs?: number) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }

  /** True if the same request may succeed later. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** True if the API answered with this problem. */
export const isProblem = (error: unknown, name: ProblemName): boolean =>
  error instanceof ApiError && error.problem.type === problemTypes[name].type;

export async function toApiError(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  return new ApiError(response.status, problem, parseRetryAfter(response.headers.get("Retry-After")));
}

/** Milliseconds to wait. The header holds seconds or an HTTP date. */
function parseRetryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  const waitMs = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - Date.now();
  return waitMs > 0 ? waitMs : undefined;
}
