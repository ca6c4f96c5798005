import { closeCodes } from "@syszap/contracts";
import type { Limits } from "../limits.ts";
import type { Connection } from "./connection.ts";

/**
 * A timing wheel: one timer for all connections, and each tick looks only at those whose time has come. It pings, finds
 * dead peers, and ends what its token no longer covers.
 */
export class Liveness {
  private readonly slots: Set<Connection>[];
  private readonly timer: NodeJS.Timeout;
  private at = 0;
  private readonly startedAt = Date.now();

  /** `onTick` is called with each tick, after it. */
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

  /** Its first ping comes early by a random part: many who came together are not pinged together. */
  watch(connection: Connection): void {
    connection.pingDueAt = Date.now() + this.limits.pingEveryMs * (0.5 + Math.random() / 2);
    this.place(connection);
  }

  forget(connection: Connection): void {
    this.slots[connection.heartbeatSlot]?.delete(connection);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** A timer that was late makes up for the ticks it missed. */
  private advance(): void {
    const due = Math.floor((Date.now() - this.startedAt) / this.limits.sweepEveryMs);
    if (due - this.at > this.slots.length) this.at = due - this.slots.length;
    while (this.at < due) {
      this.at += 1;
      const slot = this.slots[this.at % this.slots.length];
      if (!slot) continue;
      const connections = [...slot];
      slot.clear();
      for (const connection of connections) this.look(connection);
    }
  }

  private look(connection: Connection): void {
    if (!connection.isOpen) return;
    const now = Date.now();
    if (now >= connection.identity.expiresAt) connection.close(closeCodes.unauthenticated, "the token has ended");
    else if (now - connection.lastHeardAt >= this.limits.deadAfterMs)
      connection.close(closeCodes.heartbeatMissed, "no answer to pings");
    else {
      if (now >= connection.pingDueAt) this.ping(connection, now);
      this.place(connection);
    }
  }

  /** Whoever spoke of its own accord a moment ago needs no ping. */
  private ping(connection: Connection, now: number): void {
    const { pingEveryMs } = this.limits;
    const isQuiet = now - connection.lastHeardAt >= pingEveryMs / 2;
    if (isQuiet) connection.ping();
    connection.pingDueAt = (isQuiet ? now : connection.lastHeardAt) + pingEveryMs;
  }

  private place(connection: Connection): void {
    const { deadAfterMs, sweepEveryMs } = this.limits;
    const { identity, lastHeardAt, pingDueAt } = connection;
    const dueAt = Math.min(pingDueAt, lastHeardAt + deadAfterMs, identity.expiresAt);
    const ticks = Math.ceil((dueAt - this.startedAt) / sweepEveryMs) - this.at;
    const ahead = Math.min(Math.max(1, ticks), this.slots.length - 1);
    connection.heartbeatSlot = (this.at + ahead) % this.slots.length;
    this.slots[connection.heartbeatSlot]?.add(connection);
  }
}
