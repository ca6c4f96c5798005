import { z } from "zod";
import { RequestId, TypingState } from "./vocabulary.ts";

/** The request that caused the command, for the connector's log. */
const cause = { requestId: RequestId.optional() };

/** Commands to the connector that owns a session, sent on `cmd:{companyId}`. Other connectors ignore them. */
export const SessionCommand = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("new_qr"), sessionId: z.uuid(), ...cause }),
  /** The session's row has the number of the phone to link. */
  z.object({ kind: z.literal("pair_by_phone"), sessionId: z.uuid(), ...cause }),
  /** The session's proxy was set or removed. A lost command is replaced by the next renewal of the lease. */
  z.object({ kind: z.literal("proxy_changed"), sessionId: z.uuid(), ...cause }),
  /** Groups were switched on or off. A lost command is replaced by the next renewal of the lease. */
  z.object({ kind: z.literal("groups_changed"), sessionId: z.uuid(), ...cause }),
  /** Rows are queued for the session: its owner reads them from Postgres. A lost signal is repeated by message-worker. */
  z.object({ kind: z.literal("send_queued"), sessionId: z.uuid(), ...cause }),
  z.object({ kind: z.literal("log_out"), sessionId: z.uuid(), ...cause }),
  z.object({ kind: z.literal("mark_read"), sessionId: z.uuid(), chatId: z.uuid(), ...cause }),
  /** Sent by a user. The owner must look up the chat in the company of the channel. */
  z.object({ kind: z.literal("typing"), chatId: z.uuid(), state: TypingState, userId: z.uuid(), ...cause }),
]);
export type SessionCommand = z.infer<typeof SessionCommand>;

/** Commands to every gateway, sent on `rt:{control}`: close the connections that are no longer allowed. */
export const ControlCommand = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("disconnect_user"), companyId: z.uuid(), userId: z.uuid() }),
  z.object({ kind: z.literal("disconnect_login"), companyId: z.uuid(), loginId: z.uuid() }),
  z.object({ kind: z.literal("disconnect_company"), companyId: z.uuid() }),
]);
export type ControlCommand = z.infer<typeof ControlCommand>;
