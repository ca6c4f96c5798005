import { setTimeout as delay } from "node:timers/promises";
import calculateSlot from "cluster-key-slot";
import { type Cluster, Redis } from "ioredis";
import { answered, type BusLog, BusUnavailableError, guarded } from "../errors.ts";
import type { LinkEvents, SubscriptionLink } from "./link.ts";
import { NodeLink } from "./node-link.ts";

const slotCount = 16_384;
const lookEveryMs = 2_000;
const longestRetryMs = 2_000;
/** Its connections have no timeout of their own, since whoever subscribes has none. */
const mapTimeoutMs = 3_000;
/** A cluster that is just coming up, or a slot that moves at this moment, is there by one of the next tries. */
const tries = 20;
const betweenTriesMs = 100;

/**
 * One link to each master that has slots; a channel is subscribed where its slot is. A node that goes, and a slot that
 * moves, are a lost link: Redis ends such subscriptions by a `sunsubscribe` that nobody asked for, and ioredis may take it for an answer.
 */
export class ClusterLink implements SubscriptionLink {
  private readonly nodes = new Map<string, NodeLink>();
  /** The node of each channel that was subscribed. */
  private readonly places = new Map<string, string>();
  private owners: readonly (string | undefined)[] = [];
  private looking: Promise<void> | undefined;
  private readonly timer: NodeJS.Timeout;
  private isClosed = false;

  constructor(
    private readonly cluster: Cluster,
    private readonly events: LinkEvents,
    private readonly log: BusLog,
  ) {
    const lookAgain = () => void this.look().catch((err: unknown) => this.log.warn({ err }, "no map of the cluster"));
    this.timer = setInterval(lookAgain, lookEveryMs).unref();
    cluster.on("ready", lookAgain);
    lookAgain();
  }

  get isUp(): boolean {
    return this.owners.length > 0 && [...this.nodes.values()].every((node) => node.isUp);
  }

  get isSilent(): boolean {
    return [...this.nodes.values()].some((node) => node.isSilent);
  }

  async subscribe(channels: readonly string[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.trySubscribe(channels);
        return;
      } catch (err) {
        if (attempt === tries || this.isClosed) throw err;
        await delay(betweenTriesMs);
        await this.look();
      }
    }
  }

  async unsubscribe(channel: string): Promise<void> {
    const place = this.places.get(channel);
    this.places.delete(channel);
    if (place !== undefined) await this.nodes.get(place)?.unsubscribe(channel);
  }

  close(): void {
    this.isClosed = true;
    clearInterval(this.timer);
    for (const node of this.nodes.values()) node.close();
    this.cluster.disconnect();
  }

  private async trySubscribe(channels: readonly string[]): Promise<void> {
    const byNode = new Map<string, string[]>();
    for (const channel of channels) {
      const owner = this.ownerOf(channel);
      if (owner === undefined) throw new BusUnavailableError(`nobody serves the slot of ${channel} at this moment`);
      byNode.set(owner, [...(byNode.get(owner) ?? []), channel]);
    }
    await guarded(() =>
      Promise.all([...byNode].map(async ([name, ofNode]) => this.nodes.get(name)?.subscribe(ofNode))),
    );
    // Nothing is said to an old owner of a slot: Redis has ended that subscription itself, and would owe us an answer.
    for (const [name, ofNode] of byNode) for (const channel of ofNode) this.places.set(channel, name);
  }

  private ownerOf(channel: string): string | undefined {
    const owner = this.owners[calculateSlot(channel)];
    return owner !== undefined && this.nodes.has(owner) ? owner : undefined;
  }

  /** Reads which node has which slots; several askers share one reading. */
  private look(): Promise<void> {
    this.looking ??= this.readMap().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  private async readMap(): Promise<void> {
    if (this.cluster.status !== "ready") return;
    const ranges = await answered(
      () => this.cluster.cluster("SLOTS"),
      mapTimeoutMs,
      () => this.log.warn({}, "no map"),
    );
    if (this.isClosed) return;
    const owners = new Array<string | undefined>(slotCount);
    for (const [first, last, master] of ranges) if (master) owners.fill(`${master[0]}:${master[1]}`, first, last + 1);
    const names = new Set(owners.filter((owner) => owner !== undefined));
    const isNew = this.owners.length === 0 || [...names].some((name) => !this.nodes.has(name));
    const hasMoved = [...this.places].some(([channel, name]) => owners[calculateSlot(channel)] !== name);
    this.owners = owners;
    for (const name of names) if (!this.nodes.has(name)) this.nodes.set(name, this.openNode(name));
    for (const [name, node] of this.nodes) if (!names.has(name)) this.drop(name, node);
    if (hasMoved) this.events.down();
    if ((hasMoved || isNew) && this.isUp) this.events.up();
  }

  private openNode(name: string): NodeLink {
    const at = name.lastIndexOf(":");
    const redis = new Redis({
      ...this.cluster.options.redisOptions,
      host: name.slice(0, at),
      port: Number(name.slice(at + 1)),
      retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), longestRetryMs) * (0.5 + Math.random() / 2),
    });
    // ioredis says so when an answer comes that nobody waits for: a subscription was ended from the other side.
    redis.on("error", (err) => {
      if (err.message.startsWith("Command queue state error")) redis.disconnect(true);
    });
    const events: LinkEvents = {
      message: this.events.message,
      up: () => {
        if (this.isUp) this.events.up();
      },
      down: () => {
        if (this.nodes.get(name) === node) this.events.down();
      },
      overflow: this.events.overflow,
    };
    const node = new NodeLink(redis, events, this.log, true);
    return node;
  }

  private drop(name: string, node: NodeLink): void {
    this.nodes.delete(name);
    node.close();
  }
}
