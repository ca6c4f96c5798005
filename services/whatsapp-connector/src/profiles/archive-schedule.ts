import type { SessionProfile } from "./session-profile.ts";

export interface ScheduleOptions {
  /** Maximum age of the archive of a running session. 0: a profile is archived only after a normal stop. */
  everyMs: number;
  /** Time without an event after which an engine may be stopped to copy its profile. */
  idleMs: number;
}

/** The functions of a session that the schedule uses. */
export interface RunningSession {
  /** Undefined while the session is not connected: nothing is archived then. */
  engine(): { mayCopyProfile?: boolean } | undefined;
  lastEventAt(): Date | null;
  /** Stops the engine, does the work, and starts another. */
  pauseFor(work: () => Promise<unknown>): Promise<void>;
}

/** Lets one session of the connector pause at a time, since each pause costs a start of the browser. */
export class PauseLock {
  private isHeld = false;

  /** Returns false if another session holds the lock. */
  tryAcquire(): boolean {
    const isFree = !this.isHeld;
    this.isHeld = true;
    return isFree;
  }

  release(): void {
    this.isHeld = false;
  }
}

const timeoutMs = 15_000;
const maxCheckMs = 60_000;
/** Upper bound of the time between two attempts. Each attempt pauses the session, also while the store is unavailable. */
const maxRetryMs = 3_600_000;

/** Archives a profile while its session runs, so that the disk of a killed connector does not have the only copy. */
export class ArchiveSchedule {
  private timer: NodeJS.Timeout | undefined;
  private triedAtMs = Number.NEGATIVE_INFINITY;
  private isBusy = false;

  constructor(
    private readonly profile: Pick<SessionProfile, "archive" | "archivedAt">,
    private readonly options: ScheduleOptions & { pauseLock: PauseLock },
    private readonly session: RunningSession,
  ) {}

  start(): void {
    const { everyMs, idleMs } = this.options;
    if (everyMs > 0) this.timer = setInterval(() => void this.check(), Math.min(everyMs, idleMs, maxCheckMs)).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async check(): Promise<void> {
    const engine = this.session.engine();
    if (this.isBusy || !engine || !this.isDue()) return;
    this.isBusy = true;
    try {
      if (engine.mayCopyProfile) await this.archive();
      else if (this.isIdle()) await this.archivePaused();
    } finally {
      this.isBusy = false;
    }
  }

  private isDue(): boolean {
    const { everyMs } = this.options;
    const archivedMs = this.profile.archivedAt?.getTime() ?? Number.NEGATIVE_INFINITY;
    const nowMs = Date.now();
    return nowMs - archivedMs >= everyMs && nowMs - this.triedAtMs >= Math.min(everyMs, maxRetryMs);
  }

  private isIdle(): boolean {
    return Date.now() - (this.session.lastEventAt()?.getTime() ?? 0) >= this.options.idleMs;
  }

  private async archivePaused(): Promise<void> {
    const { pauseLock } = this.options;
    if (!pauseLock.tryAcquire()) return;
    try {
      await this.session.pauseFor(() => this.archive());
    } finally {
      pauseLock.release();
    }
  }

  private async archive(): Promise<void> {
    this.triedAtMs = Date.now();
    await this.profile.archive(timeoutMs);
  }
}
