import { closeCodes } from "@syszap/contracts";
import type { Limits } from "../limits.ts";
import type { Connection } from "./connection.ts";

/**
 * Sends pings, closes connections whose peer is silent, and closes those whose token has expired. A timing wheel: one timer
 * serves all connections, and each tick checks only the connections that are due.
 */
export class Liveness {
  private readonly slots: Set<Connection>[];
  private readonly timer: NodeJS.Timeout;
  private tick = 0;
  private readonly startedAt = Date.now();

  /** `onTick` is called after each tick. */
  constructor(
    private readonly limits: Limits,
    onTick: () => void,
  ) {
    const { pingEveryMs, sweepEveryMs } = limits;
    this.slots = Array.from({ length: Math.ceil(pingEveryMs / sweepEveryMs) + 1 }, () => new Set());
    this.timer = setInterval(() => {
      this.advance();
      onTick();
    }, sweepEveryMs).unref();
  }

  /** Starts with a random first interval, so that clients that connected together are not pinged together. */
  watch(connection: Connection): void {
    connection.pingDueAt = Date.now() + this.limits.pingEveryMs * (0.5 + Math.random() / 2);
    this.schedule(connection);
  }

  forget(connection: Connection): void {
    this.slots[connection.wheelSlot]?.delete(connection);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Processes all ticks since the last call, because timers can be late. */
  private advance(): void {
    const due = Math.floor((Date.now() - this.startedAt) / this.limits.sweepEveryMs);
    if (due - this.tick > this.slots.length) this.tick = due - this.slots.length;
    while (this.tick < due) {
      this.tick += 1;
      const slot = this.slots[this.tick % this.slots.length];
      if (!slot) continue;
      const connections = [...slot];
      slot.clear();
      for (const connection of connections) this.check(connection);
    }
  }

  private check(connection: Connection): void {
    if (!connection.isOpen) return;
    const now = Date.now();
    if (now >= connection.identity.expiresAt) connection.close(closeCodes.unauthenticated, "the token has expired");
    else if (now - connection.lastActivityAt >= this.limits.deadAfterMs)
      connection.close(closeCodes.heartbeatMissed, "no answer to pings");
    else {
      if (now >= connection.pingDueAt) this.ping(connection, now);
      this.schedule(connection);
    }
  }

  /** Skips the ping when the client was active recently. */
  private ping(connection: Connection, now: number): void {
    const { pingEveryMs } = this.limits;
    const isQuiet = now - connection.lastActivityAt >= pingEveryMs / 2;
    if (isQuiet) connection.ping();
    connection.pingDueAt = (isQuiet ? now : connection.lastActivityAt) + pingEveryMs;
  }

  private schedule(connection: Connection): void {
    const { deadAfterMs, sweepEveryMs } = this.limits;
    const { identity, lastActivityAt, pingDueAt } = connection;
    const dueAt = Math.min(pingDueAt, lastActivityAt + deadAfterMs, identity.expiresAt);
    const ticks = Math.ceil((dueAt - this.startedAt) / sweepEveryMs) - this.tick;
    const ahead = Math.min(Math.max(1, ticks), this.slots.length - 1);
    connection.wheelSlot = (this.tick + ahead) % this.slots.length;
    this.slots[connection.wheelSlot]?.add(connection);
  }
}
