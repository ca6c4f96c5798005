import { isGroupChat, type StoredFile, WhatsAppNumber } from "@syszap/contracts";
import type { MediaStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import { pause, withTimeout } from "@syszap/platform/async";

export interface PictureTimes {
  /** Age at which a picture (or its absence) is checked again with the contact's next message. */
  maxAgeMs: number;
  /** Requests that may be made at once; afterwards one per `gapMs`. Limits the load on WhatsApp. */
  burst: number;
  gapMs: number;
}

/** WhatsApp reports picture changes for the newest chats; the periodic check covers the others. */
export const pictureTimes: PictureTimes = { maxAgeMs: 7 * 86_400_000, burst: 10, gapMs: 1_000 };

interface ProfilePicturesDependencies {
  companyId: string;
  /** Null when the contact has no picture or hides it. */
  fetch(number: string): Promise<Uint8Array | null>;
  /** When any process last checked the picture; undefined when none did. */
  lastCheck(number: string): Promise<Date | undefined>;
  store: MediaStore;
  onPicture(number: string, picture: StoredFile | null): void;
  times: PictureTimes;
  log: Logger;
}

const maxWaiting = 10_000;
const maxSeen = 20_000;
const timeoutMs = 30_000;

const isKnownId = (id: string) => isGroupChat(id) || WhatsAppNumber.safeParse(id).success;

/** Fetches the profile picture of each sender, and of each group, when it is new, changed or old. Messages never wait for it. */
export class ProfilePictures {
  /** When this process last checked whether a number's picture is due. */
  private readonly seen = new Map<string, number>();
  /** Numbers to check. True: fetch the picture without looking at its age. */
  private readonly waiting = new Map<string, boolean>();
  private readonly closing = new AbortController();
  private isWorking = false;
  /** When the next request is due if none waited before it; never further in the past than the burst allows. */
  private nextAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly dependencies: ProfilePicturesDependencies) {}

  /** `number` may be the id of a group. Checks whether the picture is due, unless this process did so within `maxAgeMs`. */
  sender(number: string): void {
    const { maxAgeMs } = this.dependencies.times;
    const seenAtMs = this.seen.get(number);
    if (seenAtMs === undefined || performance.now() - seenAtMs >= maxAgeMs) this.request(number, false);
  }

  changed(number: string): void {
    this.request(number, true);
  }

  close(): void {
    this.closing.abort();
    this.waiting.clear();
  }

  private request(number: string, isChanged: boolean): void {
    if (this.closing.signal.aborted || !isKnownId(number)) return;
    if (this.waiting.size >= maxWaiting) return; // the contact's next message requests it again
    if (this.seen.size >= maxSeen) this.seen.clear();
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
        this.seen.delete(number); // the contact's next message tries again
        if (!this.closing.signal.aborted) this.dependencies.log.debug({ err }, "profile picture not fetched");
      }
    }
    this.isWorking = false;
  }

  private async isDue(number: string): Promise<boolean> {
    const last = await this.dependencies.lastCheck(number);
    return last === undefined || Date.now() - last.getTime() >= this.dependencies.times.maxAgeMs;
  }

  private async fetch(number: string): Promise<void> {
    await this.waitForRate();
    if (this.closing.signal.aborted) return;
    const { companyId, store, onPicture } = this.dependencies;
    const fetching = this.dependencies.fetch(number);
    const bytes = await withTimeout(fetching, { timeoutMs, error: "fetching a profile picture" });
    // The media store detects the real type from the bytes.
    const picture = bytes && (await store.put(bytes, { companyId, mimeType: "image/jpeg", fileName: null }));
    if (!this.closing.signal.aborted) onPicture(number, picture);
  }

  private async waitForRate(): Promise<void> {
    const { burst, gapMs } = this.dependencies.times;
    const now = performance.now();
    this.nextAtMs = Math.max(this.nextAtMs + gapMs, now - (burst - 1) * gapMs);
    if (this.nextAtMs > now) await pause(this.nextAtMs - now, this.closing.signal);
  }
}
