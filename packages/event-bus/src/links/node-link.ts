import { resultWithin } from "@syszap/platform/async";
import type { Redis } from "ioredis";
import { answeredWithin, type BusLog, BusUnavailableError } from "../errors.ts";
import type { LinkEvents, SubscriptionLink } from "./link.ts";

const batchSize = 500;
const probeEveryMs = 2_000;
/** An unanswered probe makes the link silent after this time. It reconnects only after `probeTimeoutMs`, to tolerate short stalls. */
const silentAfterMs = 2_000;
const probeTimeoutMs = 4_000;
const answerTimeoutMs = 4_000;
const maxInboxBytes = 64 * 1024 * 1024;
/** Duration of one drain step. Between steps, the event loop serves sockets and timers. */
const drainStepMs = 4;

/** Subscribes over one connection. The read callback only queues messages: Redis disconnects slow subscribers without an error. */
export class NodeLink implements SubscriptionLink {
  private inbox: { channel: string; payload: Buffer }[] = [];
  private inboxBytes = 0;
  private isDraining = false;
  private readonly probeTimer: NodeJS.Timeout;
  private probedAt: number | undefined;
  /** Of the commands in progress: each is called when the slot of a channel has moved to another node. */
  private readonly onMoved = new Set<() => void>();

  constructor(
    private readonly redis: Redis,
    private readonly events: LinkEvents,
    private readonly log: BusLog,
    /** True for a node of a Cluster: channels are then subscribed with SSUBSCRIBE. */
    private readonly isSharded = false,
  ) {
    const messages = isSharded ? "smessageBuffer" : "messageBuffer";
    redis.on(messages, (channel: Buffer, payload: Buffer) => this.queue(channel.toString(), payload));
    redis.on("ready", () => events.up());
    redis.on("close", () => events.down());
    redis.on("moved", () => {
      for (const rejectCommand of this.onMoved) rejectCommand();
    });
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
      // One SSUBSCRIBE command may contain channels of one slot only.
      await this.request(() => Promise.all(channels.map((channel) => this.redis.ssubscribe(channel))));
      return;
    }
    for (let from = 0; from < channels.length; from += batchSize)
      await this.request(() => this.redis.subscribe(...channels.slice(from, from + batchSize)));
  }

  async unsubscribe(channel: string): Promise<void> {
    if (this.isUp)
      await this.request(() => (this.isSharded ? this.redis.sunsubscribe(channel) : this.redis.unsubscribe(channel)));
  }

  /**
   * Sends a command with a timeout. Without it some commands would wait for ever: ioredis 5 does not settle an ssubscribe to a
   * moved slot but only emits "moved", and an unsubscribe initiated by Redis can consume the reply of another command.
   */
  private async request(send: () => Promise<unknown>): Promise<void> {
    let rejectCommand: () => void = () => undefined;
    const moved = new Promise<never>((_, reject) => {
      rejectCommand = () => reject(new BusUnavailableError("the slot of a channel has moved to another node"));
    });
    this.onMoved.add(rejectCommand);
    try {
      await answeredWithin(
        answerTimeoutMs,
        () => Promise.race([send(), moved]),
        () => this.reconnect("a command got no reply"),
      );
    } finally {
      this.onMoved.delete(rejectCommand);
    }
  }

  private reconnect(reason: string): void {
    if (!this.isUp) return;
    this.log.warn({ reason }, "reconnecting the subscriber connection");
    // Destroyed, because an orderly close would wait for a reply too.
    this.redis.stream.destroy();
  }

  close(): void {
    clearInterval(this.probeTimer);
    this.inbox = [];
    this.redis.disconnect();
  }

  /** Detects a half-open connection, which TCP would report only after many minutes. */
  private async probe(): Promise<void> {
    if (!this.isUp || this.probedAt !== undefined) return;
    this.probedAt = performance.now();
    const reply = this.redis.ping().catch(() => "closed");
    if ((await resultWithin(reply, probeTimeoutMs)) === undefined) this.reconnect("a ping got no reply");
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
    const endsAt = performance.now() + drainStepMs;
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
