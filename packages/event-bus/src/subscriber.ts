import { ControlCommand, type Cursor, channels } from "@syszap/contracts";
import { pause, withTimeout } from "@syszap/platform/async";
import type { Cluster, Redis } from "ioredis";
import { isDurable, type Publication } from "./chain.ts";
import { type Backlog, ChannelReader } from "./channel-reader.ts";
import { type BusLog, BusUnavailableError } from "./errors.ts";
import { splitPayload } from "./header.ts";
import type { SubscriptionLink } from "./links/link.ts";
import { openLink } from "./links/open-link.ts";
import { channelLog, readHeads } from "./log.ts";
import type { SubscriberEvents } from "./subscriber-events.ts";

interface Subscription {
  reader: ChannelReader;
  references: number;
  opening: Promise<void>;
  leaveTimer?: NodeJS.Timeout;
  hadTraffic: boolean;
}

export interface SubscriberTimes {
  /** Grace period after the last connection of a company has left. Most clients reconnect at once. */
  leaveAfterMs: number;
  /** Interval at which each channel without traffic is compared with its head. */
  headCheckMs: number;
  joinTimeoutMs: number;
}
const defaultTimes: SubscriberTimes = { leaveAfterMs: 1_000, headCheckMs: 3_000, joinTimeoutMs: 5_000 };
/** Each interval is divided into slices, to spread the load. */
const headCheckSlices = 12;
const headBatchSize = 500;
const recoveryRetryMs = 250;

/**
 * Subscribes to the channels of all companies with local connections, over one link to Redis. After a lost link it reads the missed
 * publications from the logs, so clients do not notice.
 */
export class Subscriber {
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly companyOf = new Map<string, string>();
  private readonly link: SubscriptionLink;
  private readonly times: SubscriberTimes;
  private readonly timer: NodeJS.Timeout;
  private toCheck: string[] = [];
  private epoch = 0;
  private hasRecovered = false;

  /** `redis` must have the role "subscriber" and must not be shared. `commands` is used to read logs and heads. */
  constructor(
    private readonly options: {
      redis: Redis | Cluster;
      commands: Redis | Cluster;
      log: BusLog;
      times?: Partial<SubscriberTimes>;
    },
    private readonly events: SubscriberEvents,
  ) {
    this.times = { ...defaultTimes, ...options.times };
    this.link = openLink(
      options.redis,
      {
        message: (channel, payload) => this.receive(channel, payload),
        up: () => void this.recover(),
        down: () => this.markLost(),
        overflow: () => void this.recover(),
      },
      options.log,
    );
    this.pin(channels.control);
    if (this.link.isUp) void this.recover();
    this.timer = setInterval(() => void this.checkSlice(), this.times.headCheckMs / headCheckSlices).unref();
  }

  /** True while the link is up and answers, and all publications missed before have been read. */
  get isReady(): boolean {
    return this.hasRecovered && this.link.isUp && !this.link.isSilent;
  }

  /**
   * Adds a reference to the company, then calls `admit` with the first part of the backlog after `since`, at most `maxBytes` of
   * frames but at least one publication. If the part is complete, later publications are delivered after that call; otherwise
   * `readMore` returns the next part. Each successful join must be followed by a `leave`; a join that throws must not. If `since`
   * is a function, it is called after Redis confirmed the subscription.
   */
  async join(
    companyId: string,
    since: Cursor | undefined | (() => Promise<Cursor | undefined>),
    admit: (backlog: Backlog) => void,
    maxBytes?: number,
  ): Promise<void> {
    const channel = channels.company(companyId);
    this.companyOf.set(channel, companyId);
    const subscription = this.hold(channel);
    try {
      await this.read(subscription, since, admit, maxBytes);
    } catch (error) {
      this.release(channel, subscription);
      throw error;
    }
  }

  /** Calls `admit` with the next part of the backlog, like `join`. The caller must hold a reference to the company. */
  async readMore(
    companyId: string,
    since: Cursor,
    admit: (backlog: Backlog) => void,
    maxBytes?: number,
  ): Promise<void> {
    const subscription = this.subscriptions.get(channels.company(companyId));
    if (!subscription) throw new BusUnavailableError("the company's channel is closed");
    await this.read(subscription, since, admit, maxBytes);
  }

  private async read(
    { opening, reader }: Subscription,
    since: Cursor | undefined | (() => Promise<Cursor | undefined>),
    admit: (backlog: Backlog) => void,
    maxBytes: number | undefined,
  ): Promise<void> {
    let isSettled = false;
    const admitOnce = (backlog: Backlog) => {
      if (!isSettled) admit(backlog);
    };
    try {
      const error = () => new BusUnavailableError("reading the company's channel took too long");
      const admitted = opening.then(async () => {
        const from = typeof since === "function" ? await since() : since;
        return reader.admit(from, admitOnce, maxBytes);
      });
      await withTimeout(admitted, { timeoutMs: this.times.joinTimeoutMs, error });
    } finally {
      isSettled = true;
    }
  }

  /** Removes a reference. The subscription ends `leaveAfterMs` after the last reference was removed. */
  leave(companyId: string): void {
    const channel = channels.company(companyId);
    const subscription = this.subscriptions.get(channel);
    if (subscription) this.release(channel, subscription);
  }

  private release(channel: string, subscription: Subscription): void {
    subscription.references -= 1;
    if (subscription.references > 0 || this.subscriptions.get(channel) !== subscription) return;
    subscription.leaveTimer = setTimeout(() => this.drop(channel), this.times.leaveAfterMs).unref();
  }

  /** Number of subscribed companies, including those in the grace period. */
  get companyCount(): number {
    return this.companyOf.size;
  }

  close(): void {
    clearInterval(this.timer);
    for (const { reader, leaveTimer } of this.subscriptions.values()) {
      clearTimeout(leaveTimer);
      reader.close();
    }
    this.subscriptions.clear();
    this.link.close();
  }

  private hold(channel: string): Subscription {
    const known = this.subscriptions.get(channel);
    if (known) {
      clearTimeout(known.leaveTimer);
      known.references += 1;
      return known;
    }
    return this.pin(channel);
  }

  private pin(channel: string): Subscription {
    const { commands, log } = this.options;
    const reader = new ChannelReader(channel, channelLog(commands, channel), this.sinkOf(channel), log);
    const subscription: Subscription = { reader, references: 1, opening: Promise.resolve(), hadTraffic: false };
    this.subscriptions.set(channel, subscription);
    subscription.opening = this.open(channel, subscription);
    subscription.opening.catch(() => {});
    return subscription;
  }

  private async open(channel: string, subscription: Subscription): Promise<void> {
    try {
      await this.link.subscribe([channel]);
      await subscription.reader.open();
    } catch (error) {
      // Waiting joins fail, and the next join tries again. The control channel is reopened by `recover`.
      if (this.subscriptions.get(channel) === subscription && channel !== channels.control) this.drop(channel);
      throw error;
    }
  }

  private drop(channel: string): void {
    const subscription = this.subscriptions.get(channel);
    if (!subscription) return;
    clearTimeout(subscription.leaveTimer);
    subscription.reader.close();
    this.subscriptions.delete(channel);
    this.companyOf.delete(channel);
    this.link
      .unsubscribe(channel)
      .catch((err: unknown) => this.options.log.warn({ err }, "unsubscribing from a channel failed"));
  }

  private sinkOf(channel: string) {
    if (channel === channels.control) {
      return {
        deliver: (publication: Publication) => this.receiveControl(publication),
        resync: () => this.events.controlCommandsLost(),
      };
    }
    const companyId = this.companyOf.get(channel) ?? "";
    return {
      deliver: (publication: Publication) => this.events.publication(companyId, publication),
      room: async () => this.events.room?.(companyId),
      resync: (reason: string, cursor: Cursor) => this.events.resync(companyId, reason, cursor),
    };
  }

  private receiveControl({ frame }: Publication): void {
    const command = ControlCommand.safeParse((JSON.parse(frame.toString()) as { data?: unknown }).data);
    if (command.success) this.events.controlCommand(command.data);
    else this.options.log.warn({}, "dropped a control command that matches no schema");
  }

  private receive(channel: string, payload: Buffer): void {
    const split = splitPayload(payload);
    if (!split) {
      this.options.log.warn({ channel }, "dropped a message with an unknown layout");
      return;
    }
    if (channel === channels.everyone) {
      if (split.header.expiresAt > Date.now()) this.events.announcement(split);
      return;
    }
    const subscription = this.subscriptions.get(channel);
    if (!subscription) return;
    subscription.hadTraffic = true;
    // Copied because the chain keeps it: a view would keep the whole socket buffer in memory.
    subscription.reader.receive(isDurable(split) ? { ...split, frame: Buffer.from(split.frame) } : split);
  }

  private markLost(): void {
    this.epoch += 1;
    this.hasRecovered = false;
  }

  /** Runs after a (re)connect or an overflow: subscribes all channels, compares all heads and reads missed publications. */
  private async recover(): Promise<void> {
    this.epoch += 1;
    const { epoch } = this;
    this.hasRecovered = false;
    for (let attempt = 0; epoch === this.epoch && this.link.isUp; attempt++) {
      try {
        await this.link.subscribe([channels.everyone, ...this.subscriptions.keys()]);
        await this.reopenControl();
        await this.checkHeads([...this.subscriptions.keys()]);
        if (epoch !== this.epoch) return;
        this.hasRecovered = true;
        this.options.log.info({ channels: this.subscriptions.size }, "subscribed to all channels and caught up");
        return;
      } catch (err) {
        this.options.log.warn({ err, attempt }, "catching up failed, retrying");
        await pause(recoveryRetryMs);
      }
    }
  }

  private async reopenControl(): Promise<void> {
    const control = this.subscriptions.get(channels.control);
    if (control && control.reader.cursor === undefined) await control.reader.open();
  }

  /** Compares the heads of one slice of the channels, skipping those with traffic since their last check. */
  private async checkSlice(): Promise<void> {
    if (!this.isReady) return;
    if (this.toCheck.length === 0) this.toCheck = [...this.subscriptions.keys()];
    const slice = this.toCheck.splice(0, Math.ceil(this.subscriptions.size / headCheckSlices));
    const quiet = slice.filter((channel) => {
      const subscription = this.subscriptions.get(channel);
      const isQuiet = subscription?.hadTraffic === false;
      if (subscription) subscription.hadTraffic = false;
      return isQuiet;
    });
    await this.checkHeads(quiet).catch((err: unknown) =>
      this.options.log.warn({ err }, "comparing channel heads failed"),
    );
  }

  private async checkHeads(channelNames: string[]): Promise<void> {
    for (let from = 0; from < channelNames.length; from += headBatchSize) {
      const batch = channelNames.slice(from, from + headBatchSize);
      const heads = await readHeads(this.options.commands, batch);
      await Promise.all(batch.map((channel, index) => this.subscriptions.get(channel)?.reader.verify(heads[index])));
    }
  }
}
