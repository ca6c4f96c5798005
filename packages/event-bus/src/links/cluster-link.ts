import { setTimeout as delay } from "node:timers/promises";
import { type Backoff, backoffDelay } from "@syszap/platform/async";
import calculateSlot from "cluster-key-slot";
import { type Cluster, Redis } from "ioredis";
import { answeredWithin, type BusLog, BusUnavailableError, guarded } from "../errors.ts";
import type { LinkEvents, SubscriptionLink } from "./link.ts";
import { NodeLink } from "./node-link.ts";

const slotCount = 16_384;
const mapRefreshMs = 2_000;
const reconnectBackoff: Backoff = { firstMs: 50, maxMs: 2_000, jitter: "equal" };
/** Needed because connections with the role "subscriber" have no command timeout. */
const mapTimeoutMs = 3_000;
/** Retries of a subscribe while the cluster starts or a slot is moving. */
const maxAttempts = 20;
const attemptDelayMs = 100;

/**
 * Holds one link to each master with slots and subscribes each channel at the node of its slot. A removed node and a moved slot
 * count as a lost link: Redis ends such subscriptions with an unrequested `sunsubscribe`, which ioredis may take for a reply.
 */
export class ClusterLink implements SubscriptionLink {
  private readonly nodes = new Map<string, NodeLink>();
  /** The node at which each channel is subscribed. */
  private readonly nodeOfChannel = new Map<string, string>();
  private owners: readonly (string | undefined)[] = [];
  private refreshing: Promise<void> | undefined;
  private readonly timer: NodeJS.Timeout;
  private isClosed = false;

  constructor(
    private readonly cluster: Cluster,
    private readonly events: LinkEvents,
    private readonly log: BusLog,
  ) {
    const refresh = () =>
      void this.refreshMap().catch((err: unknown) =>
        this.log.warn({ err }, "reading the slot map of the Cluster failed"),
      );
    this.timer = setInterval(refresh, mapRefreshMs).unref();
    cluster.on("ready", refresh);
    refresh();
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
        if (attempt === maxAttempts || this.isClosed) throw err;
        await delay(attemptDelayMs);
        await this.refreshMap();
      }
    }
  }

  async unsubscribe(channel: string): Promise<void> {
    const name = this.nodeOfChannel.get(channel);
    this.nodeOfChannel.delete(channel);
    if (name !== undefined) await this.nodes.get(name)?.unsubscribe(channel);
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
      if (owner === undefined) throw new BusUnavailableError(`no node serves the slot of ${channel} at the moment`);
      byNode.set(owner, [...(byNode.get(owner) ?? []), channel]);
    }
    await guarded(() =>
      Promise.all([...byNode].map(async ([name, ofNode]) => this.nodes.get(name)?.subscribe(ofNode))),
    );
    // The previous node of a slot gets no unsubscribe: Redis ended that subscription already, and would not reply.
    for (const [name, ofNode] of byNode) for (const channel of ofNode) this.nodeOfChannel.set(channel, name);
  }

  private ownerOf(channel: string): string | undefined {
    const owner = this.owners[calculateSlot(channel)];
    return owner !== undefined && this.nodes.has(owner) ? owner : undefined;
  }

  /** Reads the owner of each slot. Concurrent callers share one read. */
  private refreshMap(): Promise<void> {
    this.refreshing ??= this.readMap().finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  private async readMap(): Promise<void> {
    if (this.cluster.status !== "ready") return;
    const ranges = await answeredWithin(
      mapTimeoutMs,
      () => this.cluster.cluster("SLOTS"),
      () => undefined,
    );
    if (this.isClosed) return;
    const owners = new Array<string | undefined>(slotCount);
    for (const [first, last, master] of ranges) {
      if (master) owners.fill(`${master[0]}:${master[1]}`, first, last + 1);
    }
    const names = new Set(owners.filter((owner) => owner !== undefined));
    const isNew = this.owners.length === 0 || [...names].some((name) => !this.nodes.has(name));
    const hasMoved = [...this.nodeOfChannel].some(([channel, name]) => owners[calculateSlot(channel)] !== name);
    this.owners = owners;
    for (const name of names) {
      if (!this.nodes.has(name)) this.nodes.set(name, this.openNode(name));
    }
    for (const [name, node] of this.nodes) {
      if (!names.has(name)) this.drop(name, node);
    }
    if (hasMoved) this.events.down();
    if ((hasMoved || isNew) && this.isUp) this.events.up();
  }

  private openNode(name: string): NodeLink {
    const at = name.lastIndexOf(":");
    const redis = new Redis({
      ...this.cluster.options.redisOptions,
      host: name.slice(0, at),
      port: Number(name.slice(at + 1)),
      retryStrategy: (attempt) => backoffDelay(attempt, reconnectBackoff),
    });
    // ioredis emits this when a reply arrives without a command: Redis ended a subscription by itself.
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
