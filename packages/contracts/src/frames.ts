import { z } from "zod";
import type { DataOf } from "./catalog.ts";
import { type EventType, maxShownMs } from "./constants/index.ts";
import { Timestamp, TypingState } from "./vocabulary.ts";

/** Position in a company's log, `<seq>.<link>`. Opaque to clients. */
export const Cursor = z.string().regex(/^\d{1,16}\.[0-9a-f]{16}$/);
export type Cursor = z.infer<typeof Cursor>;

/** An event as a client receives it. Durable events carry `seq`, `cursor` and `version`. */
export interface EventFrame<Type extends EventType = EventType> {
  seq?: number;
  cursor?: Cursor;
  type: Type;
  id: string;
  version?: number;
  data: DataOf<Type>;
}

export const Welcome = z.object({
  type: z.literal("welcome"),
  data: z.object({
    connectionId: z.string(),
    cursor: Cursor.describe("position before the first frame that follows"),
    recovered: z.boolean().describe("true: all events after `since` follow; false: read the data again"),
    afterMs: z.number().int().min(0).describe("delay before reading the data again"),
    heartbeatMs: z.number().int().min(1).describe("time without any frame after which the connection counts as dead"),
    expiresAt: Timestamp,
    timestamp: Timestamp,
  }),
});
export const Resync = z.object({
  type: z.literal("resync"),
  data: z.object({ reason: z.string(), cursor: Cursor, afterMs: z.number().int().min(0) }),
});
export const Reconnect = z.object({
  type: z.literal("reconnect"),
  data: z.object({ afterMs: z.number().int().min(0) }),
});
export const Pong = z.object({
  type: z.literal("pong"),
  data: z.object({ cursor: Cursor.optional(), timestamp: Timestamp }),
});
export const ErrorFrame = z.object({
  type: z.literal("error"),
  data: z.object({ code: z.string(), message: z.string() }),
});

/** Frames that a gateway sends besides events. */
export const ControlFrame = z.discriminatedUnion("type", [Welcome, Resync, Reconnect, Pong, ErrorFrame]);
export type ControlFrame = z.infer<typeof ControlFrame>;
export type FrameOf<Type extends ControlFrame["type"]> = Extract<ControlFrame, { type: Type }>;

/** Frames that a client may send. The gateway answers any other frame with `error`, and closes after several of them. */
export const ClientFrame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ping"), data: z.object({}).optional() }),
  z.object({ type: z.literal("refresh"), data: z.object({ ticket: z.string().max(4_096) }) }),
  z.object({ type: z.literal("typing"), data: z.object({ chatId: z.uuid(), state: TypingState }) }),
  z.object({ type: z.literal("present"), data: z.object({ checkId: z.uuid() }) }),
  z.object({
    type: z.literal("shown"),
    data: z.object({
      afterMs: z.number().int().min(0).max(maxShownMs).describe("time from the arrival of an event to its display"),
    }),
  }),
]);
export type ClientFrame = z.infer<typeof ClientFrame>;
