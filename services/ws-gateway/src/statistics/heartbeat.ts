import { setTimeout as delay } from "node:timers/promises";
import { keys, sessionManagers } from "@syszap/contracts";
import { countConnections, type Publisher, removeGatewayStats, writeGatewayStats } from "@syszap/event-bus";
import type { Logger, RedisClient } from "@syszap/platform";
import { PeriodicTask } from "@syszap/platform/async";
import type { Hub } from "../hub.ts";
import type { Limits } from "../limits.ts";

/** Duration of the lock that lets one gateway announce a company's counts. */
const announcementLockMs = 1_000;
const lastRetryMs = 200;
const announcementsPerTick = 200;
const liveStatsExpireInMs = 10_000;

/**
 * Writes the connections of this gateway to Redis, and announces changed counts to the admins of the company. All gateways
 * together announce a company at most once per second.
 */
export class Heartbeat {
  private toWrite = new Set<string>();
  private readonly toAnnounce = new Set<string>();
  private alive = new Set<string>();
  private lastBeatAt = 0;
  private readonly task: PeriodicTask;
  private isFailing = false;
  private hasRemovedOld = false;

  constructor(
    private readonly options: {
      hub: Hub;
      redis: RedisClient;
      publisher: Publisher;
      gatewayId: string;
      limits: Limits;
      log: Logger;
    },
  ) {
    this.task = new PeriodicTask({
      everyMs: options.limits.statisticsTickMs,
      jitterRatio: 0,
      run: () => this.tick(),
      onError: (err) => this.noteFailure(err),
    });
  }

  start(): void {
    this.task.start();
  }

  async stop(): Promise<void> {
    await this.task.stop();
    const { hub, redis, gatewayId, log } = this.options;
    for (const companyId of [...hub.takeChanged(), ...hub.companyIds, ...this.toWrite]) this.toAnnounce.add(companyId);
    try {
      await removeGatewayStats(redis, gatewayId);
      await this.announceLast();
    } catch (err) {
      log.warn({ err }, "statistics not removed from redis, they expire by themselves");
    }
  }

  /** Announces the final counts. Retries while another gateway holds the lock of a company. */
  private async announceLast(): Promise<void> {
    const endsAt = performance.now() + this.options.limits.lastCountWithinMs;
    for (;;) {
      await this.announce();
      if (this.toAnnounce.size === 0 || performance.now() > endsAt) return;
      await delay(lastRetryMs);
    }
  }

  private async tick(): Promise<void> {
    for (const companyId of this.options.hub.takeChanged()) this.toWrite.add(companyId);
    const isDue = performance.now() - this.lastBeatAt >= this.options.limits.heartbeatEveryMs;
    // A killed gateway with the same id may have left its statistics.
    if (!this.hasRemovedOld) await removeGatewayStats(this.options.redis, this.options.gatewayId);
    this.hasRemovedOld = true;
    if (isDue || this.toWrite.size > 0) await this.write();
    await this.announce();
    this.isFailing = false;
  }

  /** Logs the first of several consecutive failures. */
  private noteFailure(err: unknown): void {
    if (!this.isFailing) this.options.log.warn({ err }, "statistics not written, retrying");
    this.isFailing = true;
  }

  private async write(): Promise<void> {
    const { redis, gatewayId, hub } = this.options;
    const changed = [...this.toWrite];
    const { wasForgotten, alive } = await writeGatewayStats(
      redis,
      gatewayId,
      this.presenceOf(changed),
      hub.takeLatencies(),
    );
    // Redis lost our key, by a restart or because it was unavailable for longer than the key's TTL: write all companies again.
    if (wasForgotten) await writeGatewayStats(redis, gatewayId, this.presenceOf(hub.companyIds));
    this.lastBeatAt = performance.now();
    for (const companyId of changed) {
      this.toWrite.delete(companyId);
      this.toAnnounce.add(companyId);
    }
    this.noteAlive(alive);
  }

  /** Announces all companies again when another gateway is gone, because their counts changed without an announcement. */
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

  /**
   * The gateway that gets the lock of a company counts over all gateways. The others keep the company for the next tick, so
   * that the last change is announced too.
   */
  private async announce(): Promise<void> {
    const { redis, gatewayId, publisher } = this.options;
    for (const companyId of [...this.toAnnounce].slice(0, announcementsPerTick)) {
      const lock = await redis.set(keys.statsLock(companyId), gatewayId, "PX", announcementLockMs, "NX");
      if (lock === null) continue;
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
