import { type StoredFile, WhatsAppNumber } from "@syszap/contracts";
import type { MediaStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import { pause, withTimeout } from "@syszap/platform/async";

export interface PictureTimes {
  /** Of this age, a picture (or that there is none) is asked for again with the person's next message. */
  maxAgeMs: number;
  /** So many may be asked for at once, then one each `gapMs`: an address book that wakes up is no storm for WhatsApp. */
  burst: number;
  gapMs: number;
}
/** WhatsApp tells of changes in the newest chats by itself, so asking again is for the others. */
export const pictureTimes: PictureTimes = { maxAgeMs: 7 * 86_400_000, burst: 10, gapMs: 1_000 };

interface Sources {
  companyId: string;
  /** Null when there is none or the person hides it. */
  fetch(number: string): Promise<Uint8Array | null>;
  /** When it was last asked for, by whichever process; undefined: never. */
  lastCheck(number: string): Promise<Date | undefined>;
  store: MediaStore;
  found(number: string, picture: StoredFile | null): void;
  times: PictureTimes;
  log: Logger;
}

const mostWaiting = 10_000;
const mostSeen = 20_000;
const timeoutMs = 30_000;

/** Fetches each sender's picture once, again when it changed and when it is old; never in the way of a message. */
export class ProfilePictures {
  /** When this process last looked at whether a number's picture is due. */
  private readonly seen = new Map<string, number>();
  /** By number: whether it is wanted whatever its age. */
  private readonly waiting = new Map<string, boolean>();
  private readonly closing = new AbortController();
  private isWorking = false;
  /** When the next request would be allowed if none had ever waited: never further back than the burst. */
  private nextAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly sources: Sources) {}

  /** With the first message of a run, and with the first after its time, it is looked up whether the picture is due. */
  sender(number: string): void {
    const seenAtMs = this.seen.get(number);
    if (seenAtMs === undefined || performance.now() - seenAtMs >= this.sources.times.maxAgeMs) this.want(number, false);
  }

  changed(number: string): void {
    this.want(number, true);
  }

  close(): void {
    this.closing.abort();
    this.waiting.clear();
  }

  private want(number: string, isChanged: boolean): void {
    if (this.closing.signal.aborted || !WhatsAppNumber.safeParse(number).success) return;
    if (this.waiting.size >= mostWaiting) return; // their next message asks again
    if (this.seen.size >= mostSeen) this.seen.clear();
    this.seen.set(number, performance.now());
    this.waiting.set(number, isChanged || this.waiting.get(number) === true);
    void this.work();
  }

  private async work(): Promise<void> {
    if (this.isWorking) return;
    this.isWorking = true;
    for (const [number, isChanged] of this.waiting) {
      this.waiting.delete(number);
      try {
        if (isChanged || (await this.isDue(number))) await this.fetch(number);
      } catch (err) {
        this.seen.delete(number); // their next message tries again
        if (!this.closing.signal.aborted) this.sources.log.debug({ err }, "profile picture not fetched");
      }
    }
    this.isWorking = false;
  }

  private async isDue(number: string): Promise<boolean> {
    const last = await this.sources.lastCheck(number);
    return last === undefined || Date.now() - last.getTime() >= this.sources.times.maxAgeMs;
  }

  private async fetch(number: string): Promise<void> {
    await this.turn();
    if (this.closing.signal.aborted) return;
    const { companyId, store, found } = this.sources;
    const bytes = await withTimeout(this.sources.fetch(number), { timeoutMs, error: "fetching a profile picture" });
    // What it is, the store reads from the picture itself.
    const picture = bytes && (await store.put(bytes, { companyId, mimeType: "image/jpeg", fileName: null }));
    if (!this.closing.signal.aborted) found(number, picture);
  }

  private async turn(): Promise<void> {
    const { burst, gapMs } = this.sources.times;
    const now = performance.now();
    this.nextAtMs = Math.max(this.nextAtMs + gapMs, now - (burst - 1) * gapMs);
    if (this.nextAtMs > now) await pause(this.nextAtMs - now, this.closing.signal);
  }
}
