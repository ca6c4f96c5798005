import type { DurableFrame, RealtimeClient } from "@syszap/client";
import type { DataOf, RealtimeStats, Session, SessionPacing, SessionPairingCode, SessionQr } from "@syszap/contracts";
import type { QueryClient } from "@tanstack/react-query";
import { applyToChats, type ChatList } from "./chat-cache.ts";
import { applyToClients, type ClientList } from "./client-cache.ts";
import { applyToMessages, type MessageList } from "./message-cache.ts";
import { queryKeys } from "./query-client.ts";
import { applyToSessions } from "./session-cache.ts";

/** Keys whose data events keep current, so that a hole in the events makes them wrong. */
const followed = new Set(["sessions", "qr", "pairing-code", "pacing", "clients", "chats", "chat", "messages", "stats"]);
const isFollowed = (query: { queryKey: readonly unknown[] }): boolean => followed.has(String(query.queryKey[0]));

/** Makes the cache follow the connection, whichever page is open. Returns its own clean-up. */
export function followEvents(cache: QueryClient, client: Pick<RealtimeClient, "on" | "onDurable">): () => void {
  const stops = [
    client.onDurable((frame) => applyFrame(cache, frame)),
    client.on("qr_code", (data) => applyQr(cache, data)),
    client.on("pairing_code", (data) => applyPairingCode(cache, data)),
    client.on("session_pacing", (data) => applyPacing(cache, data)),
    client.on("live_stats", (data) => applyStats(cache, data)),
    client.on("welcome", () => {
      for (const key of ["qr", "pairing-code", "pacing"]) void cache.invalidateQueries({ queryKey: [key] });
    }),
    client.on("resync", () => refetch(cache)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function applyFrame(cache: QueryClient, frame: DurableFrame): void {
  const each = <Data>(name: string, apply: (data: Data, argument: string) => Data) => {
    for (const query of cache.getQueryCache().findAll({ queryKey: [name] })) {
      const data = query.state.data as Data | undefined;
      if (data === undefined) continue;
      const next = apply(data, String(query.queryKey[1] ?? ""));
      if (next !== data) cache.setQueryData(query.queryKey, next);
    }
  };
  each<ChatList>("chats", (list, search) => applyToChats(list, search, frame));
  each<ClientList>("clients", (list, search) => applyToClients(list, search, frame));
  each<MessageList>("messages", (list, chatId) => applyToMessages(list, chatId, frame));
  each<Session[]>("sessions", (sessions) => applyToSessions(sessions, frame));
  // Whoever looks at it is led to the chat that it became part of; what was read of it before does not know that.
  if (frame.type === "chat_update" && frame.data.Merged_Into)
    void cache.invalidateQueries({ queryKey: queryKeys.chat(frame.data.Id) });
  if (frame.type === "session_status") afterSessionStatus(cache, frame.data);
}

function afterSessionStatus(cache: QueryClient, { sessionId, status }: DataOf<"session_status">): void {
  // A code that was scanned, or that nobody waits for any more, is worth nothing.
  if (status !== "qr" && status !== "connecting") {
    cache.setQueryData(queryKeys.qr(sessionId), null);
    cache.setQueryData(queryKeys.pairingCode(sessionId), null);
  }
  const known = cache.getQueryData<Session[]>(queryKeys.sessions)?.some((session) => session.id === sessionId);
  // The event tells neither a new session's name, nor the number that was linked, nor that a colleague removed it.
  if (!known || status === "connected" || status === "disconnected")
    void cache.invalidateQueries({ queryKey: queryKeys.sessions });
}

/** A code that was asked for before this one came must not take its place. */
export function applyQr(cache: QueryClient, data: DataOf<"qr_code">): void {
  const { sessionId, qrCode, expiresAt, attempt } = data;
  void cache.cancelQueries({ queryKey: queryKeys.qr(sessionId) });
  cache.setQueryData<SessionQr>(queryKeys.qr(sessionId), { sessionId, qrCode, expiresAt, attempt });
}

/** As above. */
export function applyPairingCode(cache: QueryClient, data: DataOf<"pairing_code">): void {
  const { timestamp: _told, ...code } = data;
  void cache.cancelQueries({ queryKey: queryKeys.pairingCode(data.sessionId) });
  cache.setQueryData<SessionPairingCode>(queryKeys.pairingCode(data.sessionId), code);
}

/** What is held back shows at once; the counts behind it are read again by the pages that show them. */
function applyPacing(cache: QueryClient, { sessionId, state, cause, resetsAt }: DataOf<"session_pacing">): void {
  const queryKey = queryKeys.pacing(sessionId);
  cache.setQueryData<SessionPacing | null>(
    queryKey,
    (held) => held && { ...held, state, cause: cause ?? null, resetsAt },
  );
  void cache.invalidateQueries({ queryKey });
}

function applyStats(cache: QueryClient, data: DataOf<"live_stats">): void {
  cache.setQueryData(queryKeys.liveStats, data);
  const listed = cache.getQueryData<RealtimeStats>(queryKeys.stats)?.totalConnections;
  if (listed !== data.totalConnections) void cache.invalidateQueries({ queryKey: queryKeys.stats });
}

/** What no page shows is thrown away: the next event would make it look current again. */
function refetch(cache: QueryClient): void {
  cache.removeQueries({ type: "inactive", predicate: isFollowed });
  void cache.invalidateQueries({ predicate: isFollowed });
}
