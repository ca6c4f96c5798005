import type { DurableFrame, RealtimeClient } from "@syszap/client";
import type { DataOf, RealtimeStats, Session, SessionPacing, SessionPairingCode, SessionQr } from "@syszap/contracts";
import type { QueryClient } from "@tanstack/react-query";
import { applyToChats, type ChatList } from "./chat-cache.ts";
import { applyToClients, type ClientList } from "./client-cache.ts";
import { historyReads, inboxCountReads, statisticsReads } from "./counted-reads.ts";
import { LateReads } from "./late-reads.ts";
import { applyToMessages, type MessageList } from "./message-cache.ts";
import { queryKeys } from "./query-client.ts";
import { applyToSessions } from "./session-cache.ts";

/** Keys whose data is kept current by events, so that missed events make it wrong. */
const liveKeys = new Set([
  "sessions",
  "qr",
  "pairing-code",
  "pacing",
  "clients",
  "chats",
  "chat",
  "messages",
  "participants",
  "inbox-counts",
  "stats",
  "statistics",
  "statistics-history",
]);
const isLive = (query: { queryKey: readonly unknown[] }): boolean => liveKeys.has(String(query.queryKey[0]));

/** Applies every event to the cache, independent of the open page. Returns a function that stops it. */
export function followEvents(cache: QueryClient, client: Pick<RealtimeClient, "on" | "onDurable">): () => void {
  const lateReads = new LateReads(cache);
  const statistics = statisticsReads(cache);
  const counted = [inboxCountReads(cache), statistics, historyReads(cache)];
  const stops = [
    () => lateReads.stop(),
    () => counted.forEach((reads) => void reads.stop()),
    client.onDurable((frame) => {
      applyFrame(cache, frame);
      lateReads.onFrame(frame);
      for (const reads of counted) reads.onFrame(frame);
    }),
    client.on("qr_code", (data) => applyQr(cache, data)),
    client.on("pairing_code", (data) => applyPairingCode(cache, data)),
    client.on("session_pacing", (data) => applyPacing(cache, data)),
    client.on("live_stats", (data) => {
      applyStats(cache, data);
      statistics.readAgain();
    }),
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
  // An open page of the merged chat reads it again, which leads to the chat that it was merged into.
  if (frame.type === "chat_update" && frame.data.Merged_Into)
    void cache.invalidateQueries({ queryKey: queryKeys.chat(frame.data.Id) });
  if (frame.type === "chat_update" && frame.data.Messages_Moved) followMovedMessages(cache, frame.data.Id);
  if (mayChangeParticipants(cache, frame))
    void cache.invalidateQueries({ queryKey: queryKeys.participants(chatOf(frame)) });
  if (frame.type === "new_message" && frame.data.Group && areGroupsOff(cache, frame.data.Session_Id))
    void cache.invalidateQueries({ queryKey: queryKeys.sessions });
  if (frame.type === "chat_gone") forgetChat(cache, frame.data.Id);
  if (frame.type === "session_status") afterSessionStatus(cache, frame.data);
}

/** No event reports that groups were switched on elsewhere, except the messages that follow. */
const areGroupsOff = (cache: QueryClient, sessionId: string | undefined): boolean =>
  cache.getQueryData<Session[]>(queryKeys.sessions)?.find(({ id }) => id === sessionId)?.groupsEnabled === false;

const chatOf = ({ data }: DurableFrame<"new_message" | "chat_update">): string =>
  "Chat_Id" in data ? data.Chat_Id : data.Id;

/** No event lists the participants of a group. Each change of them comes with a note, or changes their number. */
function mayChangeParticipants(
  cache: QueryClient,
  frame: DurableFrame,
): frame is DurableFrame<"new_message" | "chat_update"> {
  if (frame.type === "new_message") return frame.data.Content?.note !== undefined;
  if (frame.type !== "chat_update" || !frame.data.Group) return false;
  const read = cache.getQueryData<unknown[]>(queryKeys.participants(frame.data.Id));
  return read !== undefined && read.length !== frame.data.Group.Participant_Count;
}

/** Reads the messages of a chat again after clients were merged or split, and the lists, in which the chat may be new. */
function followMovedMessages(cache: QueryClient, chatId: string): void {
  for (const queryKey of [queryKeys.messages(chatId), queryKeys.chat(chatId), ["chats"], ["clients"]])
    void cache.resetQueries({ queryKey });
}

/** Removes what was read of a chat that the user may no longer see, so that opening it asks the server. */
function forgetChat(cache: QueryClient, chatId: string): void {
  for (const queryKey of [queryKeys.messages(chatId), queryKeys.chat(chatId)]) {
    void cache.cancelQueries({ queryKey });
    cache.removeQueries({ queryKey });
  }
}

function afterSessionStatus(cache: QueryClient, { sessionId, status }: DataOf<"session_status">): void {
  // A code is invalid after it was scanned and after the attempt ended.
  if (status !== "qr" && status !== "connecting") {
    cache.setQueryData(queryKeys.qr(sessionId), null);
    cache.setQueryData(queryKeys.pairingCode(sessionId), null);
  }
  const known = cache.getQueryData<Session[]>(queryKeys.sessions)?.some((session) => session.id === sessionId);
  // The event contains neither the name of a new session nor the linked number, and it is the same for a removed session.
  if (!known || status === "connected" || status === "disconnected")
    void cache.invalidateQueries({ queryKey: queryKeys.sessions });
}

/** Stores a new QR code. A read that started earlier is cancelled, because it would replace the code with an older one. */
export function applyQr(cache: QueryClient, data: DataOf<"qr_code">): void {
  const { sessionId, qrCode, expiresAt, attempt } = data;
  void cache.cancelQueries({ queryKey: queryKeys.qr(sessionId) });
  cache.setQueryData<SessionQr>(queryKeys.qr(sessionId), { sessionId, qrCode, expiresAt, attempt });
}

/** Stores a new pairing code, like `applyQr`. */
export function applyPairingCode(cache: QueryClient, data: DataOf<"pairing_code">): void {
  const { timestamp: _, ...code } = data;
  void cache.cancelQueries({ queryKey: queryKeys.pairingCode(data.sessionId) });
  cache.setQueryData<SessionPairingCode>(queryKeys.pairingCode(data.sessionId), code);
}

/** Shows the new state immediately. The event has no counts, so open pages that show them read the pacing again. */
function applyPacing(cache: QueryClient, { sessionId, state, cause, resetsAt }: DataOf<"session_pacing">): void {
  const queryKey = queryKeys.pacing(sessionId);
  cache.setQueryData<SessionPacing | null>(
    queryKey,
    (pacing) => pacing && { ...pacing, state, cause: cause ?? null, resetsAt },
  );
  void cache.invalidateQueries({ queryKey });
}

function applyStats(cache: QueryClient, data: DataOf<"live_stats">): void {
  const listed = cache.getQueryData<RealtimeStats>(queryKeys.stats)?.totalConnections;
  if (listed !== data.totalConnections) void cache.invalidateQueries({ queryKey: queryKeys.stats });
}

/** Refetches what is shown and removes the rest: a later event would make old data look current. */
export function refetch(cache: QueryClient): void {
  cache.removeQueries({ type: "inactive", predicate: isLive });
  void cache.invalidateQueries({ predicate: isLive });
}
