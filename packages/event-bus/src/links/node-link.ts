import type { Redis } from "ioredis";
import { answered, type BusLog, BusUnavailableError } from "../errors.ts";
import type { LinkEvents, SubscriptionLink } from "./link.ts";

const batchSize = 500;
const probeEveryMs = 2_000;
/** A probe that waits so long makes the link doubtful, and later a corpse: so a busy moment costs no reconnect. */
const silentAfterMs = 2_000;
const probeTimeoutMs = 4_000;
const answerTimeoutMs = 4_000;
const maxInboxBytes = 64 * 1024 * 1024;
/** One turn of work, so that sockets and timers get theirs: writing to browsers takes a turn in the same pass. */
const turnMs = 4;

/** One connection that subscribes. The read callback only queues: a slow one would be cut off by Redis without an error. */
export class NodeLink implements SubscriptionLink {
  private inbox: { channel: string; payload: Buffer }[] = [];
  private inboxBytes = 0;
  private isDraining = false;
  private readonly probeTimer: NodeJS.Timeout;
  private probedAt: number | undefined;

  constructor(
    private readonly redis: Redis,
    private readonly events: LinkEvents,
    private readonly log: BusLog,
    /** Of a Cluster: then each channel is one of its slot. */
    private readonly isSharded = false,
  ) {
    const messages = isSharded ? "smessageBuffer" : "messageBuffer";
    redis.on(messages, (channel: Buffer, payload: Buffer) => this.queue(channel.toString(), payload));
    redis.on("ready", () => events.up());
    redis.on("close", () => events.down());
    this.probeTimer = setInterval(() => void this.probe(), probeEveryMs).unref();
  }

  get isUp(): boolean {
    return this.redis.status === "ready";
  }

  get isSilent(): boolean {
    return this.probedAt !== undefined && performance.now() - this.probedAt > silentAfterMs;
  }

  async subscribe(channels: readonly string[]): Promise<void> {
    if (this.isSharded) {
      // One command may name channels of one slot only.
      await this.ask(() => Promise.all(channels.map((channel) => this.redis.ssubscribe(channel))));
      return;
    }
    for (let from = 0; from < channels.length; from += batchSize)
      await this.ask(() => this.redis.subscribe(...channels.slice(from, from + batchSize)));
  }

  async unsubscribe(channel: string): Promise<void> {
    if (this.isUp)
      await this.ask(() => (this.isSharded ? this.redis.sunsubscribe(channel) : this.redis.unsubscribe(channel)));
  }

  /**
   * ioredis 5 leaves the asker of a moved slot without an answer and only emits "moved"; and a subscription that Redis
   * ended by itself can take another one's answer away. Either would wait for ever.
   */
  private async ask(send: () => Promise<unknown>): Promise<void> {
    let onMoved: () => void = () => undefined;
    const moved = new Promise<never>((_, reject) => {
      onMoved = () => reject(new BusUnavailableError("the slot of a channel has moved to another node"));
    });
    this.redis.once("moved", onMoved);
    try {
      await answered(
        () => Promise.race([send(), moved]),
        answerTimeoutMs,
        () => this.reconnect("owes an answer"),
      );
    } finally {
      this.redis.off("moved", onMoved);
    }
  }

  private reconnect(reason: string): void {
    if (!this.isUp) return;
    this.log.warn({}, `subscriber link ${reason}: connecting anew`);
    // Not an orderly end: that waits for an answer, too.
    this.redis.stream.destroy();
  }

  close(): void {
    clearInterval(this.probeTimer);
    this.inbox = [];
    this.redis.disconnect();
  }

  /** Finds a half-open link: TCP alone would notice after many minutes. */
  private async probe(): Promise<void> {
    if (!this.isUp || this.probedAt !== undefined) return;
    this.probedAt = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<"silent">((resolve) => {
      timer = setTimeout(resolve, probeTimeoutMs, "silent").unref();
    });
    const answer = this.redis.ping().catch(() => "closed");
    if ((await Promise.race([answer, silence])) === "silent") this.reconnect("is silent");
    clearTimeout(timer);
    this.probedAt = undefined;
  }

  private queue(channel: string, payload: Buffer): void {
    this.inbox.push({ channel, payload });
    this.inboxBytes += payload.length;
    if (this.inboxBytes > maxInboxBytes) {
      this.inbox = [];
      this.inboxBytes = 0;
      this.events.overflow();
    }
    if (this.isDraining) return;
    this.isDraining = true;
    setImmediate(() => this.drain());
  }

  private drain(): void {
    const endsAt = performance.now() + turnMs;
    let done = 0;
    for (const { channel, payload } of this.inbox) {
      this.events.message(channel, payload);
      this.inboxBytes -= payload.length;
      done += 1;
      if (done % 32 === 0 && performance.now() > endsAt) break;
    }
    this.inbox = this.inbox.slice(done);
    this.isDraining = this.inbox.length > 0;
    if (this.isDraining) setImmediate(() => this.drain());
  }
}
