import type { SessionProfile } from "./session-profile.ts";

export interface ScheduleOptions {
  /** 0: a profile is archived at an end in order only. */
  everyMs: number;
  /** An engine whose profile must not be copied while it runs is stopped for that, but only after so long without a word. */
  idleMs: number;
}

/** What the schedule needs to know of its session, and may do to it. */
export interface RunningSession {
  /** Undefined while it is not connected: then nothing is archived. */
  engine(): { mayCopyProfile?: boolean } | undefined;
  lastEventAt(): Date | null;
  /** Stops the engine, does the work, and starts another. */
  pauseFor(work: () => Promise<unknown>): Promise<void>;
}

/** Shared by the sessions of a connector: one is paused at a time, for each costs a start of the browser. */
export class PauseTurn {
  private isTaken = false;

  take(): boolean {
    const isFree = !this.isTaken;
    this.isTaken = true;
    return isFree;
  }

  giveBack(): void {
    this.isTaken = false;
  }
}

const timeoutMs = 15_000;
const mostLookMs = 60_000;
/** A store that was away must not make every look a pause. */
const mostRetryMs = 3_600_000;

/** Archives a profile while its session runs, so that a killed connector's disk is not the only place of it. */
export class ArchiveSchedule {
  private timer: NodeJS.Timeout | undefined;
  private triedAtMs = Number.NEGATIVE_INFINITY;
  private isBusy = false;

  constructor(
    private readonly profile: Pick<SessionProfile, "archive" | "archivedAt">,
    private readonly options: ScheduleOptions & { turn: PauseTurn },
    private readonly session: RunningSession,
  ) {}

  start(): void {
    const { everyMs, idleMs } = this.options;
    if (everyMs > 0) this.timer = setInterval(() => void this.look(), Math.min(everyMs, idleMs, mostLookMs)).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
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
    return nowMs - archivedMs >= everyMs && nowMs - this.triedAtMs >= Math.min(everyMs, mostRetryMs);
  }

  private isIdle(): boolean {
    return Date.now() - (this.session.lastEventAt()?.getTime() ?? 0) >= this.options.idleMs;
  }

  private async archivePaused(): Promise<void> {
    const { turn } = this.options;
    if (!turn.take()) return;
    try {
      await this.session.pauseFor(() => this.archive());
    } finally {
      turn.giveBack();
    }
  }

  private async archive(): Promise<void> {
    this.triedAtMs = Date.now();
    await this.profile.archive(timeoutMs);
  }
}
