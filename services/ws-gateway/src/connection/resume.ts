import type { FrameOf } from "@syszap/contracts";
import type { Backlog } from "@syszap/event-bus";
import { joinFrames } from "../frames/encode.ts";
import type { Limits } from "../limits.ts";
import { spread } from "../spread.ts";
import type { Connection } from "./connection.ts";

/** Sends the welcome frame, then the missed events of the connection's audience. Too many bytes count as not recovered. */
export function resume(
  connection: Connection,
  past: Backlog & { hadCursor: boolean; head: string },
  limits: Limits,
): void {
  const missed = past.missed.filter(({ header }) => connection.mayRead(header.audience));
  const bytes = missed.reduce((sum, { frame }) => sum + frame.length, 0);
  const isRecovered = past.recovered && bytes <= limits.resumeBytes;
  const data: FrameOf<"welcome">["data"] = {
    connectionId: connection.id,
    cursor: isRecovered ? past.cursor : past.head,
    recovered: isRecovered,
    // A first connection need not be spread: its page is waiting for the data.
    afterMs: isRecovered || !past.hadCursor ? 0 : spread(limits.spreadMs),
    heartbeatMs: limits.deadAfterMs,
    expiresAt: new Date(connection.identity.expiresAt).toISOString(),
    timestamp: new Date().toISOString(),
  };
  connection.send({ type: "welcome", data });
  if (isRecovered && missed.length > 0) connection.write(joinFrames(missed.map(({ frame }) => frame)));
  connection.cursor = past.head;
}
