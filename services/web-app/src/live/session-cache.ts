import type { DurableFrame } from "@syszap/client";
import type { Session, SessionDetail, SessionStatus } from "@syszap/contracts";
import { newerOf } from "./client-cache.ts";
import { mergeItems, replaceItem } from "./list.ts";

/** Adds the session of an answer. The version belongs to the status: switching groups leaves it unchanged. */
export const withSession = (sessions: Session[], session: Session): Session[] =>
  mergeItems(sessions, [session], (held, read) => ({ ...newerOf(held, read), groupsEnabled: read.groupsEnabled }));

/** The detail of events that contain none. */
const defaultDetail: { [Status in SessionStatus]: SessionDetail } = {
  connecting: "starting",
  disconnected: "stopped",
  qr: "qr",
  connected: "connected",
};

/** Applies an event to the listed sessions. A new session has to be read: its event does not contain its name. */
export function applyToSessions(sessions: Session[], frame: DurableFrame): Session[] {
  if (frame.type !== "session_status") return sessions;
  const { sessionId, status, detail, reason, timestamp } = frame.data;
  return replaceItem(
    sessions,
    (session) => session.id === sessionId,
    (session) =>
      frame.version <= session.version
        ? session
        : {
            ...session,
            status,
            detail: detail ?? defaultDetail[status],
            reason: reason ?? null,
            updatedAt: timestamp,
            version: frame.version,
          },
  );
}
