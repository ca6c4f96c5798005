import { withTimeout } from "./async/timeout.ts";

export interface HealthReport {
  status: "ok" | "unavailable";
  /** Result by name of the check: "ok", or an error message. */
  checks: Record<string, string>;
}

const checkTimeoutMs = 2_000;

/** Readiness of a process: all its checks pass and it is not stopping. */
export class Health {
  private readonly checks = new Map<string, () => unknown>();
  private isDraining = false;

  /** A check fails when it throws, rejects or takes longer than two seconds. */
  addCheck(name: string, check: () => unknown): void {
    this.checks.set(name, check);
  }

  /** Reports "not ready" from now on, so that load balancers send no new requests. */
  startDraining(): void {
    this.isDraining = true;
  }

  async ready(): Promise<HealthReport> {
    const entries = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await outcomeOf(check)] as const),
    );
    if (this.isDraining) entries.push(["draining", "the process is stopping"]);
    const checks = Object.fromEntries(entries);
    return { status: entries.every(([, outcome]) => outcome === "ok") ? "ok" : "unavailable", checks };
  }
}

async function outcomeOf(check: () => unknown): Promise<string> {
  try {
    await withTimeout(Promise.resolve().then(check), {
      timeoutMs: checkTimeoutMs,
      error: () => new Error(`no answer within ${checkTimeoutMs} ms`),
    });
    return "ok";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
