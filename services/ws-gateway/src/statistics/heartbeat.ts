import { setTimeout as delay } from "node:timers/promises";
import { keys, sessionManagers } from "@syszap/contracts";
import { countConnections, type Publisher, removeGatewayStats, writeGatewayStats } from "@syszap/event-bus";
import type { Logger, RedisClient } from "@syszap/platform";
import type { Hub } from "../hub.ts";
import type { Limits } from "../limits.ts";

const turnMs = 1_000;
const lastTryMs = 200;
const announcementsPerTick = 200;
const liveStatsExpireInMs = 10_000;

/** Tells Redis who is connected here, and a company's admins when that changed: at most once a second over all gateways. */
export class Heartbeat {
  private toWrite = new Set<string>();
  private readonly toAnnounce = new Set<string>();
  private alive = new Set<string>();
  private lastBeatAt = 0;
  private running: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private isAway = false;
  private hasBegun = false;

  constructor(
    private readonly options: {
      hub: Hub;
      redis: RedisClient;
      publisher: Publisher;
      gatewayId: string;
      limits: Limits;
      log: Logger;
    },
  ) {}

  start(): void {
    let isBusy = false;
    this.timer = setInterval(() => {
      if (isBusy) return;
      isBusy = true;
      this.running = this.tick().finally(() => {
        isBusy = false;
      });
    }, this.options.limits.statisticsTickMs).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
    const { hub, redis, gatewayId, log } = this.options;
    for (const companyId of [...hub.takeChanged(), ...hub.companyIds, ...this.toWrite]) this.toAnnounce.add(companyId);
    try {
      await removeGatewayStats(redis, gatewayId);
      await this.announceLast();
    } catch (err) {
      log.warn({ err }, "statistics could not be taken back, they fade by themselves");
    }
  }

  /** A turn lasts a second: within that each company's last count is told, by us or by whoever has the turn. */
  private async announceLast(): Promise<void> {
    const endsAt = performance.now() + this.options.limits.lastCountWithinMs;
    for (;;) {
      await this.announce();
      if (this.toAnnounce.size === 0 || performance.now() > endsAt) return;
      await delay(lastTryMs);
    }
  }

  private async tick(): Promise<void> {
    for (const companyId of this.options.hub.takeChanged()) this.toWrite.add(companyId);
    const isDue = performance.now() - this.lastBeatAt >= this.options.limits.heartbeatEveryMs;
    try {
      // A gateway of the same name that was killed may have left its shares.
      if (!this.hasBegun) await removeGatewayStats(this.options.redis, this.options.gatewayId);
      this.hasBegun = true;
      if (isDue || this.toWrite.size > 0) await this.write();
      await this.announce();
      this.isAway = false;
    } catch (err) {
      if (!this.isAway) this.options.log.warn({ err }, "statistics could not be written");
      this.isAway = true;
    }
  }

  private async write(): Promise<void> {
    const { redis, gatewayId, hub } = this.options;
    const changed = [...this.toWrite];
    const { wasForgotten, alive } = await writeGatewayStats(redis, gatewayId, this.presenceOf(changed));
    // Redis lost the key (restart, or it was away for longer than a heartbeat lives): say everything again.
    if (wasForgotten) await writeGatewayStats(redis, gatewayId, this.presenceOf(hub.companyIds));
    this.lastBeatAt = performance.now();
    for (const companyId of changed) {
      this.toWrite.delete(companyId);
      this.toAnnounce.add(companyId);
    }
    this.noteAlive(alive);
  }

  /** A gateway that is gone, in order or not, announces nothing more: its companies' counts changed all the same. */
  private noteAlive(alive: string[]): void {
    const now = new Set(alive);
    const isOneGone = [...this.alive].some((gatewayId) => !now.has(gatewayId));
    if (isOneGone) for (const companyId of this.options.hub.companyIds) this.toAnnounce.add(companyId);
    this.alive = now;
  }

  private presenceOf(companyIds: string[]) {
    const { hub, limits } = this.options;
    return new Map(companyIds.map((id) => [id, hub.presenceOf(id, limits.listedConnectionsPerCompany)] as const));
  }

  /** Whoever wins the company's turn counts over all gateways; who does not tries again, so the last change is told too. */
  private async announce(): Promise<void> {
    const { redis, gatewayId, publisher } = this.options;
    for (const companyId of [...this.toAnnounce].slice(0, announcementsPerTick)) {
      const isOurTurn = await redis.set(keys.statsTurn(companyId), gatewayId, "PX", turnMs, "NX");
      if (isOurTurn === null) continue;
      const counts = await countConnections(redis, companyId);
      await publisher.publishEphemeral(
        companyId,
        {
          type: "live_stats",
          audience: { kind: "role", roles: [...sessionManagers] },
          data: { ...counts, timestamp: new Date().toISOString() },
        },
        { expiresInMs: liveStatsExpireInMs },
      );
      this.toAnnounce.delete(companyId);
    }
  }
}
