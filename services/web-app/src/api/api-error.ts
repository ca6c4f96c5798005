import type { Problem } from "@syszap/contracts";

/** An answer that was no success, or (status 0) no answer at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Partial<Problem>;
  /** How long the server asked to wait. The realtime client reads it too. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, problem: Partial<Problem> = {}, retryAfterMs?: number) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }

  /** Asking the same again may help. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export async function toApiError(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  return new ApiError(response.status, problem, retryAfterMs(response.headers.get("Retry-After")));
}

function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  const waitMs = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - Date.now();
  return waitMs > 0 ? waitMs : undefined;
}
