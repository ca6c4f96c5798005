import { ControlCommand, type Cursor, channels } from "@syszap/contracts";
import type { Cluster, Redis } from "ioredis";
import { isDurable, type Publication } from "./chain.ts";
import { ChannelReader, type Past } from "./channel-reader.ts";
import { type BusLog, BusUnavailableError } from "./errors.ts";
import { splitPayload } from "./header.ts";
import type { SubscriptionLink } from "./links/link.ts";
import { openLink } from "./links/open-link.ts";
import { channelLog, readHeads } from "./log.ts";

export interface SubscriberEvents {
  /** In order, each once. */
  publication(companyId: string, publication: Publication): void;
  /** To every browser of every company. */
  announcement(publication: Publication): void;
  resync(companyId: string, reason: string, cursor: Cursor): void;
  controlCommand(command: ControlCommand): void;
  /** Control commands may have been missed: every open connection must be checked again. */
  controlCommandsLost(): void;
}

interface Subscription {
  reader: ChannelReader;
  references: number;
  opening: Promise<void>;
  leaveTimer?: NodeJS.Timeout;
  hadTraffic: boolean;
}

export interface SubscriberTimes {
  /** A company whose last connection left is kept for so long: most come back at once. */
  leaveAfterMs: number;
  /** Every quiet channel is compared with its head this often. */
  headCheckMs: number;
  joinTimeoutMs: number;
}
const defaultTimes: SubscriberTimes = { leaveAfterMs: 1_000, headCheckMs: 3_000, joinTimeoutMs: 5_000 };
const headCheckSlices = 12;
const headBatch = 500;

/** All companies that have a connection here, over one link to Redis. A lost link is healed from the logs, unseen by browsers. */
export class Subscriber {
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly companyOf = new Map<string, string>();
  private readonly link: SubscriptionLink;
  private readonly times: SubscriberTimes;
  private readonly timer: NodeJS.Timeout;
  private toCheck: string[] = [];
  private epoch = 0;
  private isHealed = false;

  /** `redis` has the role "subscriber" and belongs to this object alone; `commands` reads logs and heads. */
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
        up: () => void this.heal(),
        down: () => this.markLost(),
        overflow: () => void this.heal(),
      },
      options.log,
    );
    this.pin(channels.control);
    if (this.link.isUp) void this.heal();
    this.timer = setInterval(() => void this.checkSlice(), this.times.headCheckMs / headCheckSlices).unref();
  }

  /** True while the link is up and answers, and everything missed in its absence has been read. */
  get isReady(): boolean {
    return this.isHealed && this.link.isUp && !this.link.isSilent;
  }

  /**
   * Adds a reference to the company, then calls `admit` with the past of `since`: exactly what is delivered after that
   * call is what the past does not hold. Whoever joined must leave; a join that throws has left already.
   */
  async join(companyId: string, since: Cursor | undefined, admit: (past: Past) => void): Promise<void> {
    const channel = channels.company(companyId);
    this.companyOf.set(channel, companyId);
    const subscription = this.hold(channel);
    let isOver = false;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      const refuse = () => reject(new BusUnavailableError("the company's channel could not be joined in time"));
      timer = setTimeout(refuse, this.times.joinTimeoutMs).unref();
    });
    const joined = subscription.opening.then(() =>
      subscription.reader.admit(since, (past) => {
        if (!isOver) admit(past);
      }),
    );
    try {
      await Promise.race([joined, deadline]);
    } catch (error) {
      this.release(channel, subscription);
      throw error;
    } finally {
      isOver = true;
      clearTimeout(timer);
    }
  }

  /** Gives the reference back. The last one ends the subscription, a moment later. */
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

  /** Companies that are subscribed now, those that are about to be left included. */
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
      // Whoever waits for it is refused; the next one tries anew. The control channel is opened by healing.
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
    this.link.unsubscribe(channel).catch((err: unknown) => this.options.log.warn({ err }, "unsubscribe failed"));
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
      this.options.log.warn({ channel }, "a message of unknown layout was dropped");
      return;
    }
    if (channel === channels.everyone) {
      if (split.header.expiresAt > Date.now()) this.events.announcement(split);
      return;
    }
    const subscription = this.subscriptions.get(channel);
    if (!subscription) return;
    subscription.hadTraffic = true;
    // Kept in the tail: as a view it would hold on to the whole chunk that was read from the socket.
    subscription.reader.receive(isDurable(split) ? { ...split, frame: Buffer.from(split.frame) } : split);
  }

  private markLost(): void {
    this.epoch += 1;
    this.isHealed = false;
  }

  /** After a (re)connect, or when messages were thrown away: subscribe all, compare all heads, read what was missed. Ready again only then. */
  private async heal(): Promise<void> {
    this.epoch += 1;
    const { epoch } = this;
    this.isHealed = false;
    for (let attempt = 0; epoch === this.epoch && this.link.isUp; attempt++) {
      try {
        await this.link.subscribe([channels.everyone, ...this.subscriptions.keys()]);
        await this.reopenControl();
        await this.checkHeads([...this.subscriptions.keys()]);
        if (epoch !== this.epoch) return;
        this.isHealed = true;
        this.options.log.info({ channels: this.subscriptions.size }, "subscribed and caught up");
        return;
      } catch (err) {
        this.options.log.warn({ err, attempt }, "could not catch up, trying again");
        await new Promise((resolve) => setTimeout(resolve, 250).unref());
      }
    }
  }

  private async reopenControl(): Promise<void> {
    const control = this.subscriptions.get(channels.control);
    if (control && control.reader.cursor === undefined) await control.reader.open();
  }

  /** Those without traffic since their last turn, one slice at a time, so that the load is even. */
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
    await this.checkHeads(quiet).catch((err: unknown) => this.options.log.warn({ err }, "head check failed"));
  }

  private async checkHeads(channelNames: string[]): Promise<void> {
    for (let from = 0; from < channelNames.length; from += headBatch) {
      const batch = channelNames.slice(from, from + headBatch);
      const heads = await readHeads(this.options.commands, batch);
      await Promise.all(batch.map((channel, index) => this.subscriptions.get(channel)?.reader.verify(heads[index])));
    }
  }
}
