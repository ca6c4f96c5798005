import type { SessionDetail } from "@syszap/contracts";
import type { SessionHealth } from "@syszap/database";
import type { CommandSubscriber, Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import { pause, SingleFlight, withTimeout } from "@syszap/platform/async";
import type { Lease, LeaseKeeper } from "./lease.ts";
import { Session, type SessionDependencies } from "./session/session.ts";

export interface ManagerTimes {
  /** Between two looks for sessions to run, when nobody wakes us. */
  lookEveryMs: number;
  renewEveryMs: number;
}
export const managerTimes: Pick<ManagerTimes, "lookEveryMs"> = { lookEveryMs: 1_000 };

export interface ManagerDependencies extends SessionDependencies {
  keeper: LeaseKeeper;
  commands: Pick<CommandSubscriber, "watch" | "unwatch">;
  publisher: Publisher;
  maxSessions: number;
  /** Starting one (a browser, say) is heavy: more at once would make all of them late. */
  startsAtOnce: number;
  managerTimes: ManagerTimes;
}

const expireEveryMs = 500;
const sweepEveryMs = 60_000;
const busTimeoutMs = 2_000;

/** Decides which sessions run in this process: claims, starts, stops and gives back. */
export class SessionManager {
  private readonly sessions = new Map<string, Session>();
  private starting = 0;
  private readonly closing = new AbortController();
  private loops: Promise<void>[] = [];
  private readonly looking = new SingleFlight(() => this.look());
  private readonly sweeping = new SingleFlight(() => this.given.profileDirectories.sweep());
  private readonly renewing = new SingleFlight(() => this.renew());
  private readonly log: Logger;

  constructor(private readonly given: ManagerDependencies) {
    this.log = given.log;
  }

  start(): void {
    this.loops = [
      this.repeat(this.given.managerTimes.lookEveryMs, () => this.looking.request()),
      this.repeat(this.given.managerTimes.renewEveryMs, () => this.renewing.request()),
      this.repeat(expireEveryMs, () => this.expire()),
      this.repeat(sweepEveryMs, () => this.sweeping.request()),
    ];
  }

  /** Somebody changed what should run: look at both sides of it now. */
  wake(): void {
    if (this.closing.signal.aborted) return;
    void this.renewing.request();
    void this.looking.request();
  }

  find(companyId: string, sessionId: string): Session | undefined {
    const session = this.sessions.get(sessionId);
    return session?.lease.companyId === companyId ? session : undefined;
  }

  /** For operators: no names, no numbers. */
  report(): {
    sessionId: string;
    companyId: string;
    generation: number;
    detail: SessionDetail;
    factsUnderWay: number;
    health: SessionHealth;
  }[] {
    return [...this.sessions.values()].map(({ lease, detail, factsUnderWay, health }) => {
      const { sessionId, companyId, generation } = lease;
      return { sessionId, companyId, generation, detail, factsUnderWay, health };
    });
  }

  /** Stops all engines, then gives the leases back, so that another connector can go on at once. */
  async stop(): Promise<void> {
    this.closing.abort();
    await Promise.all([...this.loops, this.looking.idle(), this.renewing.idle(), this.sweeping.idle()]);
    await Promise.all([...this.sessions.values()].map((session) => session.stop("handedOver")));
  }

  /** Takes what it may and can start now. */
  private async look(): Promise<void> {
    const { maxSessions, startsAtOnce } = this.given;
    const room = Math.min(maxSessions - this.sessions.size, startsAtOnce - this.starting);
    if (room <= 0 || this.closing.signal.aborted) return;
    try {
      const claims = await this.given.keeper.claim(room, [...this.sessions.keys()]);
      for (const { lease, isWanted } of claims) await this.take(lease, isWanted);
    } catch (err) {
      this.log.warn({ err }, "could not look for sessions to run");
    }
  }

  private async take(lease: Lease, isWanted: boolean): Promise<void> {
    const { companyId, sessionId, generation } = lease;
    // Two engines must never share a profile: while an earlier run of it still ends here, somebody else may have it.
    if (this.sessions.has(sessionId)) return this.given.keeper.release(lease);
    this.log.info({ companyId, sessionId, generation, isWanted }, "session claimed");
    const session = new Session(lease, this.given, (ended, isEngineGone) => this.giveBack(ended, isEngineGone));
    this.sessions.set(sessionId, session);
    try {
      const watching = withTimeout(this.given.commands.watch(companyId), {
        timeoutMs: busTimeoutMs,
        error: "listening to commands",
      });
      await Promise.all([watching, this.given.publisher.raiseFence(companyId, sessionId, generation)]);
    } catch (err) {
      this.log.warn({ err, sessionId }, "the bus does not answer, the session starts without it");
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
      const { unwanted, lost } = await this.given.keeper.renew(({ sessionId }) => this.sessions.get(sessionId)?.health);
      for (const lease of unwanted) this.stopSession(lease, "stopped");
      for (const lease of lost) this.stopSession(lease, "lost");
    } catch (err) {
      this.log.warn({ err }, "leases not renewed");
    }
  }

  /** Apart from renewals, which may hang while Postgres does: a lease's end on our own clock waits for nobody. */
  private async expire(): Promise<void> {
    for (const lease of this.given.keeper.expire()) this.stopSession(lease, "lost");
  }

  private stopSession(lease: Lease, why: "stopped" | "lost"): void {
    const session = this.sessions.get(lease.sessionId);
    if (session?.lease !== lease) return;
    this.log.info({ sessionId: lease.sessionId, generation: lease.generation, why }, "session stops");
    void session.stop(why);
  }

  /** An engine that does not end may still act on the phone: its lease runs out instead, and is not claimed here again before. */
  private async giveBack(session: Session, isEngineGone: boolean): Promise<void> {
    if (!isEngineGone) {
      this.given.keeper.abandon(session.lease);
      void session.gone().then(() => this.forget(session));
      return;
    }
    await this.given.keeper.release(session.lease);
    await this.forget(session);
    if (this.closing.signal.aborted) return this.wakeOthers();
    void this.looking.request();
    void this.sweeping.request(); // it may have ended because it was removed
  }

  /** Their next look may be seconds away. */
  private async wakeOthers(): Promise<void> {
    await withTimeout(this.given.publisher.wake(), { timeoutMs: busTimeoutMs, error: "waking other connectors" }).catch(
      (err: unknown) => {
        this.log.warn({ err }, "other connectors not told, they will look by themselves");
      },
    );
  }

  private async forget(session: Session): Promise<void> {
    const { companyId, sessionId } = session.lease;
    if (this.sessions.get(sessionId) === session) this.sessions.delete(sessionId);
    const isLastOfCompany = ![...this.sessions.values()].some((other) => other.lease.companyId === companyId);
    if (isLastOfCompany) await this.given.commands.unwatch(companyId).catch(() => undefined);
  }

  private async repeat(everyMs: number, work: () => Promise<void>): Promise<void> {
    while (!this.closing.signal.aborted) {
      await work();
      await pause(everyMs, this.closing.signal);
    }
  }
}
