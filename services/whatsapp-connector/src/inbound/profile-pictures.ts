import { type StoredFile, WhatsAppNumber } from "@syszap/contracts";
import type { MediaStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import { within } from "../backoff.ts";

interface Sources {
  companyId: string;
  /** Null when there is none or the person hides it. */
  fetch(number: string): Promise<Uint8Array | null>;
  store: MediaStore;
  found(number: string, picture: StoredFile | null): void;
  log: Logger;
}

const atOnce = 2;
const mostWaiting = 2_000;
const mostSeen = 20_000;
const timeoutMs = 30_000;
/** Of this age, a picture is fetched again with the person's next message. */
const refreshAfterMs = 86_400_000;

/** Fetches each sender's picture once per run, again when it changed and when it is old; never in the way of a message. */
export class ProfilePictures {
  /** When it was asked for, by number. */
  private readonly seen = new Map<string, number>();
  private readonly waiting = new Set<string>();
  private underWay = 0;
  private isClosed = false;

  constructor(private readonly sources: Sources) {}

  /** With the first message of a run, and with the first after its time, the picture is fetched. */
  sender(number: string): void {
    const askedAtMs = this.seen.get(number);
    if (askedAtMs === undefined || performance.now() - askedAtMs >= refreshAfterMs) this.changed(number);
  }

  changed(number: string): void {
    if (this.isClosed || !WhatsAppNumber.safeParse(number).success) return;
    if (this.seen.size >= mostSeen) this.seen.clear();
    this.seen.set(number, performance.now());
    if (this.waiting.size < mostWaiting) this.waiting.add(number);
    void this.work();
  }

  close(): void {
    this.isClosed = true;
    this.waiting.clear();
  }

  private async work(): Promise<void> {
    if (this.underWay >= atOnce) return;
    this.underWay += 1;
    for (const number of this.waiting) {
      this.waiting.delete(number);
      await this.fetch(number);
    }
    this.underWay -= 1;
  }

  private async fetch(number: string): Promise<void> {
    const { companyId, store, log } = this.sources;
    try {
      const bytes = await within(timeoutMs, "fetching a profile picture", this.sources.fetch(number));
      const picture = bytes && (await store.put(bytes, { companyId, mimeType: imageTypeOf(bytes), fileName: null }));
      if (!this.isClosed) this.sources.found(number, picture);
    } catch (err) {
      this.seen.delete(number); // their next message tries again
      if (!this.isClosed) log.debug({ err }, "profile picture not fetched");
    }
  }
}

const imageTypeOf = (bytes: Uint8Array) =>
  bytes[0] === 0x89 ? "image/png" : bytes[0] === 0x52 ? "image/webp" : "image/jpeg";
