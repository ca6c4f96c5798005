import type { SessionProfile } from "./session-profile.ts";

export interface ScheduleOptions {
  /** 0: a profile is archived at an end in order only. */
  everyMs: number;
  /** Also such as may only be copied while no engine runs: it is stopped for that, once nothing happened for `idleMs`. */
  pausesEngine: boolean;
  idleMs: number;
}
export const noSchedule: ScheduleOptions = { everyMs: 0, pausesEngine: false, idleMs: 60_000 };

/** What the schedule needs to know of its session, and may do to it. */
export interface RunningSession {
  /** Undefined while it is not connected: then nothing is archived. */
  engine(): { mayCopyProfile?: boolean } | undefined;
  lastEventAt(): Date | null;
  /** Stops the engine, does the work, and starts another. */
  pauseFor(work: () => Promise<unknown>): Promise<void>;
}

const timeoutMs = 4_000;

/** Archives a profile while its session runs, so that a killed connector's disk is not the only place of it. */
export class ArchiveSchedule {
  private timer: NodeJS.Timeout | undefined;
  private archivedAtMs = 0;
  private isBusy = false;

  constructor(
    private readonly profile: SessionProfile,
    private readonly options: ScheduleOptions,
    private readonly session: RunningSession,
  ) {}

  start(): void {
    const { everyMs, idleMs } = this.options;
    if (everyMs > 0) this.timer = setInterval(() => void this.look(), Math.min(everyMs, idleMs)).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    const nowMs = Date.now();
    const lastEventMs = this.session.lastEventAt()?.getTime() ?? 0;
    const engine = this.session.engine();
    if (this.isBusy || !engine || nowMs - this.archivedAtMs < this.options.everyMs) return;
    if (lastEventMs < this.archivedAtMs) return; // nothing new to keep
    const archive = async () => {
      this.archivedAtMs = Date.now();
      await this.profile.archive(timeoutMs);
    };
    this.isBusy = true;
    try {
      if (engine.mayCopyProfile) await archive();
      else if (this.options.pausesEngine && nowMs - lastEventMs >= this.options.idleMs) {
        await this.session.pauseFor(archive);
        this.archivedAtMs = Date.now(); // what the restart itself said is no news
      }
    } finally {
      this.isBusy = false;
    }
  }
}
