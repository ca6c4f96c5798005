export interface HealthReport {
  status: "ok" | "unavailable";
  /** By name of check: "ok", or what is wrong. */
  checks: Record<string, string>;
}

const checkTimeoutMs = 2_000;

/** Live: the process answers. Ready: everything it needs answers too, and it is not leaving. */
export class Health {
  private readonly checks = new Map<string, () => unknown>();
  private isDraining = false;

  /** A check fails by throwing or rejecting, or by taking longer than two seconds. */
  addCheck(name: string, check: () => unknown): void {
    this.checks.set(name, check);
  }

  /** From now on not ready, so that balancers send nobody new. */
  startDraining(): void {
    this.isDraining = true;
  }

  async ready(): Promise<HealthReport> {
    const entries = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await outcomeOf(check)] as const),
    );
    if (this.isDraining) entries.push(["draining", "leaving"]);
    const checks = Object.fromEntries(entries);
    return { status: entries.every(([, outcome]) => outcome === "ok") ? "ok" : "unavailable", checks };
  }
}

async function outcomeOf(check: () => unknown): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${checkTimeoutMs} ms`)), checkTimeoutMs);
  });
  try {
    await Promise.race([Promise.resolve().then(check), timeout]);
    return "ok";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
