import type { MediaStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import { type Engine, type EngineMedia, SendError } from "../../engines/contract/engine.ts";
import type { ConnectorMetrics } from "../../metrics.ts";
import { type MediaDownload, MediaDownloader, type MediaDownloadTimes } from "./media-downloader.ts";
import type { MediaOutcome } from "./media-outcome.ts";

export interface MediaDownloadsOptions {
  mediaStore: MediaStore;
  /** Size limit of one file. A message whose file is larger is stored without it. */
  mediaLimitBytes: number;
  mediaTimes: MediaDownloadTimes;
  metrics: ConnectorMetrics;
  log: Logger;
}

/** The message that a file belongs to. */
export interface FileOwner {
  companyId: string;
  sessionId: string;
  waKey: string;
}

/** Downloads the files of all sessions of this connector. Each session has its own concurrency limit. */
export class MediaDownloads {
  private readonly engines = new Map<string, () => Engine>();
  /** By session. An entry is removed when its session is detached and its last download has ended. */
  private readonly downloaders = new Map<string, { downloader: MediaDownloader; downloads: number }>();
  /** Number of downloads in progress, by message key. */
  private readonly inProgress = new Map<string, number>();

  constructor(
    private readonly options: MediaDownloadsOptions,
    /** Aborts when the process stops. */
    private readonly signal: AbortSignal,
  ) {}

  /** Sets the engine that the session's files come from; `engine` throws while none runs. Returns a function that detaches it. */
  attach(sessionId: string, engine: () => Engine): () => void {
    this.engines.set(sessionId, engine);
    return () => {
      if (this.engines.get(sessionId) !== engine) return;
      this.engines.delete(sessionId);
      this.removeIfUnused(sessionId);
    };
  }

  /** Keys of the messages whose files are being downloaded. */
  get busy(): string[] {
    return [...this.inProgress.keys()];
  }

  /** Number of sessions that hold memory here: those that are attached or have downloads. */
  get sessions(): number {
    return new Set([...this.engines.keys(), ...this.downloaders.keys()]).size;
  }

  /** See `MediaDownloader.download`. */
  async download(owner: FileOwner, media: EngineMedia): Promise<MediaDownload> {
    const { downloader, end } = this.begin(owner);
    const download = await downloader.download(media);
    void download.later.finally(end);
    return download;
  }

  /** Makes one attempt. */
  async fetch(owner: FileOwner, media: EngineMedia): Promise<MediaOutcome> {
    const { downloader, end } = this.begin(owner);
    return await downloader.fetch(media).finally(end);
  }

  /** Registers a download. The caller must call `end` once. */
  private begin(owner: FileOwner): { downloader: MediaDownloader; end: () => void } {
    const { sessionId, waKey } = owner;
    const entry = this.downloaders.get(sessionId) ?? { downloader: this.create(owner), downloads: 0 };
    this.downloaders.set(sessionId, entry);
    entry.downloads += 1;
    this.inProgress.set(waKey, (this.inProgress.get(waKey) ?? 0) + 1);
    const end = () => {
      entry.downloads -= 1;
      const left = (this.inProgress.get(waKey) ?? 1) - 1;
      if (left > 0) this.inProgress.set(waKey, left);
      else this.inProgress.delete(waKey);
      this.removeIfUnused(sessionId);
    };
    return { downloader: entry.downloader, end };
  }

  private removeIfUnused(sessionId: string): void {
    const isUnused = this.downloaders.get(sessionId)?.downloads === 0;
    if (isUnused && !this.engines.has(sessionId)) this.downloaders.delete(sessionId);
  }

  private create({ companyId, sessionId }: FileOwner): MediaDownloader {
    const { mediaStore, mediaLimitBytes, mediaTimes, metrics, log } = this.options;
    return new MediaDownloader({
      companyId,
      store: mediaStore,
      limitBytes: mediaLimitBytes,
      times: mediaTimes,
      metrics,
      log: log.child({ sessionId }),
      signal: this.signal,
      engine: () => {
        const engine = this.engines.get(sessionId);
        if (!engine) throw new SendError("the session does not run here", "transient");
        return engine();
      },
    });
  }
}
