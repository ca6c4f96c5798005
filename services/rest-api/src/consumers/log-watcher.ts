import { maxWaitingRequests } from "@syszap/contracts";
import type { Logger } from "@syszap/platform";
import { PeriodicTask } from "@syszap/platform/async";

/** Returns the newest position of each company's event log. */
type ReadHeads = (companyIds: readonly string[]) => Promise<Map<string, number>>;

interface Waiter {
  companyId: string;
  /** Position that the request has read up to. */
  position: number;
  wake: () => void;
}
/** Delay of an event for a waiting request: at most this, half of it on average. */
const pollMs = 100;
/** Waiting requests of all companies together. */
const maxWaiters = 2_000;

/**
 * Wakes requests that wait for new events. One query for all waiting requests reads Postgres ten times a second, and only while
 * there are any, so waiting needs neither a connection nor Redis.
 */
export class LogWatcher {
  private readonly waiters = new Set<Waiter>();
  private readonly entered = new Map<string, number>();
  private total = 0;
  private isStopped = false;
  private readonly task: PeriodicTask;

  constructor(
    private readonly readHeads: ReadHeads,
    log: Pick<Logger, "warn">,
  ) {
    this.task = new PeriodicTask({
      everyMs: pollMs,
      run: () => this.poll(),
      onError: (err) => log.warn({ err }, "could not look for new events; waiting requests are answered later"),
    });
  }

  start(): void {
    this.task.start();
  }

  /** Answers all waiting requests now. */
  async stop(): Promise<void> {
    this.isStopped = true;
    for (const { wake } of this.waiters) wake();
    await this.task.stop();
  }

  /** Reserves a place for a request that may wait. Returns false when too many wait. Every reservation must be released by `leave`. */
  enter(companyId: string): boolean {
    const count = this.entered.get(companyId) ?? 0;
    if (count >= maxWaitingRequests || this.total >= maxWaiters) return false;
    this.entered.set(companyId, count + 1);
    this.total += 1;
    return true;
  }

  leave(companyId: string): void {
    const count = (this.entered.get(companyId) ?? 0) - 1;
    if (count > 0) this.entered.set(companyId, count);
    else this.entered.delete(companyId);
    this.total -= 1;
  }

  /** Resolves with true when the company has events after `position`; with false at the deadline, when `signal` aborts, and after `stop`. */
  wait(companyId: string, position: number, { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal }) {
    if (this.isStopped || signal.aborted || timeoutMs <= 0) return Promise.resolve(false);
    return new Promise<boolean>((resolve) => {
      const end = (hasEvents: boolean) => {
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
        this.waiters.delete(waiter);
        resolve(hasEvents);
      };
      const giveUp = () => end(false);
      const waiter: Waiter = { companyId, position, wake: () => end(!this.isStopped) };
      const timer = setTimeout(giveUp, timeoutMs);
      signal.addEventListener("abort", giveUp);
      this.waiters.add(waiter);
    });
  }

  private async poll(): Promise<void> {
    if (this.waiters.size === 0) return;
    const heads = await this.readHeads([...new Set([...this.waiters].map(({ companyId }) => companyId))]);
    for (const { companyId, position, wake } of [...this.waiters]) if ((heads.get(companyId) ?? 0) > position) wake();
  }
}
