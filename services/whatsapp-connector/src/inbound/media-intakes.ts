import type { MediaStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import { type Engine, type EngineMedia, SendError } from "../engines/contract/engine.ts";
import type { ConnectorMetrics } from "../metrics.ts";
import { MediaIntake, type MediaTimes, type TakenMedia, type Taking } from "./media-intake.ts";

export interface MediaIntakesOptions {
  mediaStore: MediaStore;
  /** Of one file; a message whose file is larger comes without it. */
  mediaLimitBytes: number;
  mediaTimes: MediaTimes;
  metrics: ConnectorMetrics;
  log: Logger;
}
/** Whose file it is. */
export interface FileOwner {
  companyId: string;
  sessionId: string;
  waKey: string;
}

/** The files of all sessions here: each session takes turns of its own, and no file is fetched twice at a time. */
export class MediaIntakes {
  private readonly engines = new Map<string, () => Engine>();
  private readonly intakes = new Map<string, MediaIntake>();
  /** Keys of the messages, with how many fetch for them. */
  private readonly fetching = new Map<string, number>();

  constructor(
    private readonly options: MediaIntakesOptions,
    /** Aborted when the process ends. */
    private readonly signal: AbortSignal,
  ) {}

  /** Files of the session come from this engine; `engine` throws while none runs. The answer ends it. */
  attach(sessionId: string, engine: () => Engine): () => void {
    this.engines.set(sessionId, engine);
    return () => {
      if (this.engines.get(sessionId) === engine) this.engines.delete(sessionId);
    };
  }

  /** Messages whose files are on their way just now. */
  get busy(): string[] {
    return [...this.fetching.keys()];
  }

  /** As `MediaIntake.take`. */
  async take(owner: FileOwner, media: EngineMedia): Promise<Taking> {
    const end = this.begin(owner.waKey);
    const taking = await this.intakeOf(owner).take(media);
    void taking.later.finally(end);
    return taking;
  }

  /** One try. */
  async fetch(owner: FileOwner, media: EngineMedia): Promise<TakenMedia> {
    const end = this.begin(owner.waKey);
    return await this.intakeOf(owner).fetch(media).finally(end);
  }

  private begin(waKey: string): () => void {
    this.fetching.set(waKey, (this.fetching.get(waKey) ?? 0) + 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const left = (this.fetching.get(waKey) ?? 1) - 1;
      if (left > 0) this.fetching.set(waKey, left);
      else this.fetching.delete(waKey);
    };
  }

  private intakeOf({ companyId, sessionId }: FileOwner): MediaIntake {
    const known = this.intakes.get(sessionId);
    if (known) return known;
    const { mediaStore: store, mediaLimitBytes: limitBytes, mediaTimes: times, metrics, log } = this.options;
    const intake = new MediaIntake({
      ...{ companyId, store, limitBytes, times, metrics, log: log.child({ sessionId }), signal: this.signal },
      engine: () => {
        const engine = this.engines.get(sessionId);
        if (!engine) throw new SendError("the session does not run here", "transient");
        return engine();
      },
    });
    this.intakes.set(sessionId, intake);
    return intake;
  }
}
