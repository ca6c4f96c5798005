import { z } from "zod";
import { TypingState } from "./vocabulary.ts";

/** Orders to the connector that owns a session, on `cmd:{companyId}`. Whoever does not own it ignores them. */
export const SessionCommand = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("new_qr"), sessionId: z.uuid() }),
  /** The number of the phone to be linked was set: its row says which. */
  z.object({ kind: z.literal("pair_by_phone"), sessionId: z.uuid() }),
  /** Rows are queued for the session: its owner reads them from Postgres. A lost signal is repeated by message-worker. */
  z.object({ kind: z.literal("send_queued"), sessionId: z.uuid() }),
  z.object({ kind: z.literal("log_out"), sessionId: z.uuid() }),
  z.object({ kind: z.literal("mark_read"), sessionId: z.uuid(), chatId: z.uuid() }),
  /** From a browser, by way of the gateway: the owner looks the chat up under the company of the channel. */
  z.object({ kind: z.literal("typing"), chatId: z.uuid(), state: TypingState, userId: z.uuid() }),
]);
export type SessionCommand = z.infer<typeof SessionCommand>;

/** Orders to every gateway, on `rt:control`: close what may no longer be open. */
export const ControlCommand = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("disconnect_user"), companyId: z.uuid(), userId: z.uuid() }),
  z.object({ kind: z.literal("disconnect_login"), companyId: z.uuid(), loginId: z.uuid() }),
  z.object({ kind: z.literal("disconnect_company"), companyId: z.uuid() }),
]);
export type ControlCommand = z.infer<typeof ControlCommand>;
