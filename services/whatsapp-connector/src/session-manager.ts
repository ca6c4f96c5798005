import type { SessionDetail } from "@syszap/contracts";
import type { SessionHealth } from "@syszap/database";
import type { CommandSubscriber, Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import { PeriodicTask, SingleFlight, withTimeout } from "@syszap/platform/async";
import type { Lease, LeaseKeeper } from "./lease.ts";
import type { SessionDependencies } from "./session/dependencies.ts";
import { Session } from "./session/session.ts";

export interface ManagerTimes {
  /** Interval at which the sessions table is read when no hint arrives. */
  lookEveryMs: number;
  renewEveryMs: number;
}
export const managerTimes: Pick<ManagerTimes, "lookEveryMs"> = { lookEveryMs: 1_000 };

export interface ManagerDependencies extends SessionDependencies {
  keeper: LeaseKeeper;
  /** State of this connector, and the number of sessions that the others can claim. */
  drain: { isDraining: () => boolean; roomElsewhere: () => Promise<number> };
  onHandedOver: () => void;
  commands: Pick<CommandSubscriber, "watch" | "unwatch">;
  publisher: Publisher;
  maxSessions: number;
  /** Concurrent starts. Starting a browser is expensive: more at once would delay all of them. */
  startsAtOnce: number;
  managerTimes: ManagerTimes;
}

const expireEveryMs = 500;
const drainEveryMs = 1_000;
const sweepEveryMs = 60_000;
const busTimeoutMs = 2_000;

/** Decides which sessions run in this process: claims leases, starts and stops sessions, releases leases. */
export class SessionManager {
  private readonly sessions = new Map<string, Session>();
  private starting = 0;
  private handingOver = 0;
  private readonly closing = new AbortController();
  private tasks: PeriodicTask[] = [];
  private readonly looking = new SingleFlight(() => this.look());
  private readonly sweeping = new SingleFlight(() => this.dependencies.profileDirectories.sweep());
  private readonly renewing = new SingleFlight(() => this.renew());
  private readonly log: Logger;

  constructor(private readonly dependencies: ManagerDependencies) {
    this.log = dependencies.log;
  }

  start(): void {
    const { lookEveryMs, renewEveryMs } = this.dependencies.managerTimes;
    this.tasks = [
      this.repeat(lookEveryMs, () => this.looking.request()),
      this.repeat(renewEveryMs, () => this.renewing.request()),
      this.repeat(expireEveryMs, () => this.expire()),
      this.repeat(drainEveryMs, () => this.drain()),
      this.repeat(sweepEveryMs, () => this.sweeping.request()),
    ];
    for (const task of this.tasks) task.start();
  }

  /** Called when the set of sessions that should run may have changed: renews (finds stops) and claims (finds starts) now. */
  wake(): void {
    if (this.closing.signal.aborted) return;
    void this.renewing.request();
    void this.looking.request();
  }

  find(companyId: string, sessionId: string): Session | undefined {
    const session = this.sessions.get(sessionId);
    return session?.lease.companyId === companyId ? session : undefined;
  }

  /** For operators. Contains no names and no phone numbers. */
  report(): {
    sessionId: string;
    companyId: string;
    generation: number;
    detail: SessionDetail;
    factsUnderWay: number;
    health: SessionHealth;
  }[] {
    return [...this.sessions.values()].map(({ lease, detail, factsInProgress: factsUnderWay, health }) => {
      const { sessionId, companyId, generation } = lease;
      return { sessionId, companyId, generation, detail, factsUnderWay, health };
    });
  }

  /** Stops all engines, then releases the leases, so that other connectors can continue at once. */
  async stop(): Promise<void> {
    this.closing.abort();
    const tasks = this.tasks.map((task) => task.stop());
    await Promise.all([...tasks, this.looking.idle(), this.renewing.idle(), this.sweeping.idle()]);
    await Promise.all([...this.sessions.values()].map((session) => session.stop("handedOver")));
  }

  /** Stops all sessions at once: another process may run them. */
  loseAll(): void {
    for (const { lease } of this.sessions.values()) this.stopSession(lease, "lost");
  }

  /** Claims as many sessions as may be started now. */
  private async look(): Promise<void> {
    const { maxSessions, startsAtOnce } = this.dependencies;
    const room = Math.min(maxSessions - this.sessions.size, startsAtOnce - this.starting);
    if (room <= 0 || this.closing.signal.aborted) return;
    try {
      const claims = await this.dependencies.keeper.claim(room, [...this.sessions.keys()]);
      for (const { lease, isWanted } of claims) await this.take(lease, isWanted);
    } catch (err) {
      this.log.warn({ err }, "could not claim sessions");
    }
  }

  private async take(lease: Lease, isWanted: boolean): Promise<void> {
    const { companyId, sessionId, generation } = lease;
    // Two engines must never share a profile. While an earlier run still ends here, another connector may run the session.
    if (this.sessions.has(sessionId)) return this.dependencies.keeper.release(lease);
    this.log.info({ companyId, sessionId, generation, isWanted }, "session claimed");
    const session = new Session(lease, this.dependencies, (ended, isEngineGone) => this.release(ended, isEngineGone));
    this.sessions.set(sessionId, session);
    try {
      const watching = withTimeout(this.dependencies.commands.watch(companyId), {
        timeoutMs: busTimeoutMs,
        error: "subscribing to commands",
      });
      await Promise.all([watching, this.dependencies.publisher.raiseFence(companyId, sessionId, generation)]);
    } catch (err) {
      this.log.warn({ err, sessionId }, "the bus does not answer, the session starts anyway");
    }
    if (!isWanted) return session.stop("stopped");
    this.starting += 1;
    void session
      .start()
      .catch((err: unknown) => this.log.error({ err, sessionId }, "session not started"))
      .finally(() => {
        this.starting -= 1;
        if (!this.closing.signal.aborted) void this.looking.request();
      });
  }

  private async renew(): Promise<void> {
    try {
      const { unwanted, lost, moving, settings } = await this.dependencies.keeper.renew(
        ({ sessionId }) => this.sessions.get(sessionId)?.health,
      );
      for (const lease of unwanted) this.stopSession(lease, "stopped");
      for (const lease of lost) this.stopSession(lease, "lost");
      for (const lease of moving) this.handOver(lease);
      for (const { lease, version } of settings) {
        const session = this.sessions.get(lease.sessionId);
        if (session?.lease === lease) void session.settingsVersion(version);
      }
    } catch (err) {
      this.log.warn({ err }, "leases not renewed");
    }
  }

  /**
   * Hands sessions over while this connector drains, a few at a time and only as many as the other connectors can claim, so that
   * no session stops for longer than its start takes.
   */
  private async drain(): Promise<void> {
    const { drain, startsAtOnce } = this.dependencies;
    if (!drain.isDraining() || this.closing.signal.aborted || this.handingOver >= startsAtOnce) return;
    const room = Math.min(await drain.roomElsewhere(), startsAtOnce) - this.handingOver;
    for (const { lease } of [...this.sessions.values()].slice(0, Math.max(0, room))) this.handOver(lease);
  }

  private handOver(lease: Lease): void {
    const session = this.sessions.get(lease.sessionId);
    if (session?.lease !== lease || session.ending) return;
    this.log.info({ sessionId: lease.sessionId, generation: lease.generation }, "handing the session over");
    this.handingOver += 1;
    void session
      .stop("handedOver")
      .then(() => this.dependencies.onHandedOver())
      .catch((err: unknown) => this.log.error({ err, sessionId: lease.sessionId }, "session not handed over"))
      .finally(() => {
        this.handingOver -= 1;
        void this.wakeOthers();
      });
  }

  /** Runs independently of renewals, which may hang with Postgres. The end of a lease depends on the local clock only. */
  private async expire(): Promise<void> {
    for (const lease of this.dependencies.keeper.expire()) this.stopSession(lease, "lost");
  }

  private stopSession(lease: Lease, why: "stopped" | "lost"): void {
    const session = this.sessions.get(lease.sessionId);
    if (session?.lease !== lease) return;
    this.log.info({ sessionId: lease.sessionId, generation: lease.generation, why }, "stopping the session");
    void session.stop(why);
  }

  /** If the engine has not ended, it may still use the phone: its lease expires instead, and is not claimed here before. */
  private async release(session: Session, isEngineGone: boolean): Promise<void> {
    if (!isEngineGone) {
      this.dependencies.keeper.abandon(session.lease);
      void session.gone().then(() => this.forget(session));
      return;
    }
    await this.dependencies.keeper.release(session.lease);
    await this.forget(session);
    if (this.closing.signal.aborted) return this.wakeOthers();
    void this.looking.request();
    void this.sweeping.request(); // the session may have ended because it was removed
  }

  /** Without the hint, other connectors would find the session only at their next read. */
  private async wakeOthers(): Promise<void> {
    await withTimeout(this.dependencies.publisher.wake(), {
      timeoutMs: busTimeoutMs,
      error: "waking other connectors",
    }).catch((err: unknown) => {
      this.log.warn({ err }, "other connectors not woken, they will read the table by themselves");
    });
  }

  private async forget(session: Session): Promise<void> {
    const { companyId, sessionId } = session.lease;
    if (this.sessions.get(sessionId) === session) this.sessions.delete(sessionId);
    const isLastOfCompany = ![...this.sessions.values()].some((other) => other.lease.companyId === companyId);
    if (isLastOfCompany) await this.dependencies.commands.unwatch(companyId).catch(() => undefined);
  }

  private repeat(everyMs: number, run: () => Promise<void>): PeriodicTask {
    const onError = (err: unknown) => this.log.error({ err }, "a periodic task of the session manager failed");
    return new PeriodicTask({ everyMs, run, onError, jitterRatio: 0, runsAtStart: true });
  }
}
