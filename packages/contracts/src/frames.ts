import { z } from "zod";
import type { DataOf } from "./catalog.ts";
import type { EventType } from "./constants/index.ts";
import { Timestamp, TypingState } from "./vocabulary.ts";

/** Position in a company's log, `<seq>.<link>`. Clients keep it and give it back; they never look inside. */
export const Cursor = z.string().regex(/^\d{1,16}\.[0-9a-f]{16}$/);
export type Cursor = z.infer<typeof Cursor>;

/** An event as a browser receives it. Durable ones carry `seq`, `cursor` and `version`. */
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
    cursor: Cursor.describe("the position before the first frame that follows"),
    recovered: z.boolean().describe("true: everything since `since` follows; false: refetch"),
    afterMs: z.number().int().min(0).describe("spread of the refetch"),
    heartbeatMs: z.number().int().min(1).describe("silence after which the connection is dead"),
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

/** What a gateway says besides events. */
export const ControlFrame = z.discriminatedUnion("type", [Welcome, Resync, Reconnect, Pong, ErrorFrame]);
export type ControlFrame = z.infer<typeof ControlFrame>;
export type FrameOf<Type extends ControlFrame["type"]> = Extract<ControlFrame, { type: Type }>;

/** All that a client may say. Anything else gets an `error` and, repeated, a close. */
export const ClientFrame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ping"), data: z.object({}).optional() }),
  z.object({ type: z.literal("refresh"), data: z.object({ ticket: z.string().max(4_096) }) }),
  z.object({ type: z.literal("typing"), data: z.object({ chatId: z.uuid(), state: TypingState }) }),
]);
export type ClientFrame = z.infer<typeof ClientFrame>;
