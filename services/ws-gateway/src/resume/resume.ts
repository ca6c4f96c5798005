import { type Cursor, closeCodes, type FrameOf } from "@syszap/contracts";
import { type Backlog, BusUnavailableError, type Subscriber } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import type { Connection } from "../connection/connection.ts";
import { encodeControl, joinFrames } from "../frames/encode.ts";
import type { Hub } from "../hub.ts";
import type { Limits } from "../limits.ts";
import type { GatewayMetrics } from "../metrics.ts";
import { spread } from "../spread.ts";
import { ResumeSlots } from "./resume-slots.ts";

interface ResumeOptions {
  hub: Hub;
  subscriber: Subscriber;
  limits: Limits;
  metrics: GatewayMetrics;
  log: Logger;
}

/**
 * Sends the welcome frame, then the missed events in parts: the next part is read when the socket has taken the one before. The
 * connection receives live durable events after the last part. Few missed events take one part.
 *
 * Memory: a connection has at most one part that its socket has not taken. A part is read while the connection holds a slot; there
 * is a limited number of slots, for each company and for the process. A slow socket gives its slot back after `resumeSlotMs`;
 * from then on only `UnsentBudget` bounds its unsent bytes.
 */
export class Resume {
  private readonly slots: ResumeSlots;

  constructor(private readonly options: ResumeOptions) {
    this.slots = new ResumeSlots(options.limits);
  }

  /** Sends the first part, and adds the connection to the hub. Returns the position of the next part, if there is one. */
  begin(connection: Connection, backlog: Backlog, mayResume: boolean): Cursor | undefined {
    const { hub, limits, metrics } = this.options;
    const data = welcomeOf(connection, backlog, { mayResume, limits });
    connection.send({ type: "welcome", data });
    metrics.welcomes.inc({ recovered: String(data.recovered) });
    hub.add(connection);
    this.send(connection, backlog);
    return backlog.isComplete ? undefined : backlog.end;
  }

  /** Sends the remaining parts. Closes the connection if Redis cannot serve: the client resumes with its cursor. */
  async finish(connection: Connection, from: Cursor): Promise<void> {
    try {
      let next: Cursor | undefined = from;
      while (next !== undefined && connection.isOpen) {
        await connection.flushed();
        next = await this.sendInSlot(connection, next);
      }
    } catch (err) {
      if (!(err instanceof BusUnavailableError)) this.options.log.error({ err }, "sending missed events failed");
      connection.close(closeCodes.overloaded, "temporarily unavailable");
    }
  }

  /** Sends the next part when a slot is free. The slot is free again when the socket took the part, or after `resumeSlotMs`. */
  private sendInSlot(connection: Connection, from: Cursor): Promise<Cursor | undefined> {
    return this.slots.run(connection.identity.companyId, async () => {
      if (!connection.isOpen) return undefined;
      const next = await this.sendPart(connection, from);
      await settledWithin(connection.flushed(), this.options.limits.resumeSlotMs);
      return next;
    });
  }

  private async sendPart(connection: Connection, from: Cursor): Promise<Cursor | undefined> {
    const { subscriber, limits, metrics } = this.options;
    let next: Cursor | undefined;
    const admit = (backlog: Backlog) => {
      if (!connection.isOpen) return;
      if (!backlog.recovered) {
        // The log moved on, or began anew, while this slow client was reading.
        const data = { reason: "log_lost", cursor: backlog.cursor, afterMs: spread(limits.spreadMs) };
        connection.write(encodeControl({ type: "resync", data }));
        metrics.resyncs.inc();
      }
      this.send(connection, backlog);
      if (!backlog.isComplete) next = backlog.end;
    };
    await subscriber.readMore(connection.identity.companyId, from, admit, limits.resumePartBytes);
    return next;
  }

  /** Called synchronously with the read of the backlog, so that the stream continues exactly after the last part. */
  private send(connection: Connection, { missed, end, isComplete }: Backlog): void {
    const frames = missed.filter(({ header }) => connection.mayRead(header.audience)).map(({ frame }) => frame);
    if (frames.length > 0) this.options.hub.write(connection, joinFrames(frames));
    connection.cursor = end;
    if (isComplete) this.options.hub.startStream(connection);
  }
}

function welcomeOf(
  connection: Connection,
  { recovered, cursor }: Backlog,
  { mayResume, limits }: { mayResume: boolean; limits: Limits },
): FrameOf<"welcome">["data"] {
  return {
    connectionId: connection.id,
    cursor,
    recovered,
    // Two kinds of connections are not spread: a page that opens waits for its data, and after a change of rights the page still
    // shows what the user may no longer see.
    afterMs: recovered || !mayResume ? 0 : spread(limits.spreadMs),
    heartbeatMs: limits.deadAfterMs,
    expiresAt: new Date(connection.identity.expiresAt).toISOString(),
    timestamp: new Date().toISOString(),
  };
}

/** Resolves with the promise, or after `timeoutMs`. */
function settledWithin(promise: Promise<void>, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs);
    void promise.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
