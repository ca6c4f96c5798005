import { randomUUID } from "node:crypto";
import { catalog, type DurableEvent } from "@syszap/contracts";
import { exampleEvent } from "@syszap/testing";
import { Cluster, Redis } from "ioredis";
import { type Backlog, type BusLog, Publisher, Subscriber, type SubscriberTimes } from "../src/index.ts";

export const silent: BusLog = { info: () => {}, warn: () => {}, error: () => {} };

/** Records what a subscriber emits, in order: event ids, `resync` and commands. Waits by condition, never by time. */
export class Recorder {
  readonly entries: string[] = [];
  readonly frames: Record<string, unknown>[] = [];
  private waiters: { isMet: () => boolean; resolve: () => void }[] = [];

  note(entry: string): void {
    this.entries.push(entry);
    this.waiters = this.waiters.filter((waiter) => {
      if (!waiter.isMet()) return true;
      waiter.resolve();
      return false;
    });
  }

  until(isMet: () => boolean): Promise<void> {
    if (isMet()) return Promise.resolve();
    return new Promise((resolve) => this.waiters.push({ isMet, resolve }));
  }

  untilNoted(entry: string): Promise<void> {
    return this.until(() => this.entries.includes(entry));
  }
}

export interface Bus<Client extends Redis | Cluster = Redis> {
  redis: Client;
  publisher: Publisher;
  subscribe(times?: Partial<SubscriberTimes>): { subscriber: Subscriber; recorder: Recorder };
  close(): void;
}

const subscribing = { enableReadyCheck: false, autoResubscribe: false, maxRetriesPerRequest: null };

export const openBus = (redisUrl: string): Bus =>
  openBusOver(new Redis(redisUrl), () => new Redis(redisUrl, { ...subscribing, retryStrategy: () => 20 }));

/** `nodes` are the URLs of some of the nodes. */
export const openClusterBus = (nodes: string[]): Bus<Cluster> =>
  openBusOver(new Cluster(nodes), () => new Cluster(nodes, { redisOptions: subscribing }));

export const openSentinelBus = (sentinelPort: number, name: string): Bus => {
  const isDemoted = (err: Error) => err.message.startsWith("READONLY") && 2;
  const sentinels = { sentinels: [{ host: "127.0.0.1", port: sentinelPort }], name };
  const retries = { retryStrategy: () => 20, sentinelRetryStrategy: () => 20 };
  const commands = new Redis({ ...sentinels, ...retries, maxRetriesPerRequest: 1, reconnectOnError: isDemoted });
  return openBusOver(commands, () => new Redis({ ...sentinels, ...retries, ...subscribing }));
};

function openBusOver<Client extends Redis | Cluster>(redis: Client, openLink: () => Client): Bus<Client> {
  redis.on("error", () => {});
  const open: { close(): void }[] = [];
  return {
    redis,
    publisher: new Publisher(redis, silent),
    subscribe: (times = {}) => {
      const link = openLink();
      link.on("error", () => {});
      const recorder = new Recorder();
      const noteFrame = ({ frame }: { frame: Buffer }) => {
        const parsed = JSON.parse(frame.toString()) as Record<string, unknown>;
        recorder.frames.push(parsed);
        recorder.note(String(parsed.id));
      };
      const subscriber = new Subscriber(
        { redis: link, commands: redis, log: silent, times },
        {
          publication: (_, publication) => noteFrame(publication),
          announcement: noteFrame,
          resync: () => recorder.note("resync"),
          controlCommand: (command) => recorder.note(command.kind),
          controlCommandsLost: () => recorder.note("control commands lost"),
        },
      );
      open.push(subscriber);
      return { subscriber, recorder };
    },
    close: () => {
      for (const each of open) each.close();
      redis.disconnect();
    },
  };
}

export const newEvent = (data: object = {}): DurableEvent => exampleEvent(catalog.new_message, { data });
export const newEvents = (count: number): DurableEvent[] => Array.from({ length: count }, () => newEvent());

/** Joins a company and returns the backlog. */
export function join(subscriber: Subscriber, companyId: string, since?: string): Promise<Backlog> {
  return new Promise((resolve, reject) => {
    subscriber.join(companyId, since, resolve).catch(reject);
  });
}

export const newCompany = () => randomUUID();
