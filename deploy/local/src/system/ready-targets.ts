/** Time for which a result is reused. Shorter than a client needs to react to `reconnect` and to request a ticket. */
const resultAgeMs = 50;
const checkTimeoutMs = 1_000;

interface Check {
  startedAt: number;
  isReady: Promise<boolean>;
}

/** Selects the instances of one service in round-robin order, and skips those that are stopping or not ready. */
export class ReadyTargets {
  private readonly checks = new Map<string, Check>();
  private turn = 0;

  /** `list` returns the URLs of the running instances. */
  constructor(private readonly list: () => string[]) {}

  /** If no instance is ready, returns one that is not: its response tells the reason. Undefined without any instance. */
  async next(): Promise<string | undefined> {
    const targets = this.list();
    this.turn = (this.turn + 1) % Math.max(targets.length, 1);
    const inOrder = [...targets.slice(this.turn), ...targets.slice(0, this.turn)];
    this.forgetOthers(targets);
    for (const target of inOrder) if (await this.isReady(target)) return target;
    return inOrder[0];
  }

  private isReady(target: string): Promise<boolean> {
    const known = this.checks.get(target);
    if (known && performance.now() - known.startedAt < resultAgeMs) return known.isReady;
    const isReady = askReadiness(target);
    this.checks.set(target, { startedAt: performance.now(), isReady });
    return isReady;
  }

  /** Instances get new ports when they are started again. */
  private forgetOthers(targets: readonly string[]): void {
    for (const target of this.checks.keys()) if (!targets.includes(target)) this.checks.delete(target);
  }
}

async function askReadiness(target: string): Promise<boolean> {
  try {
    const answer = await fetch(`${target}/health/ready`, { signal: AbortSignal.timeout(checkTimeoutMs) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
