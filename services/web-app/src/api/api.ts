import type {
  Chat,
  Client,
  EngineName,
  MediaLink,
  Message,
  Page,
  RealtimeStats,
  RealtimeTicket,
  SendMessageInput,
  Session,
  SessionPacing,
  SessionPairingCode,
  SessionQr,
  UploadedFile,
} from "@syszap/contracts";
import type { Http } from "./http.ts";

export interface PageQuery {
  before?: string | undefined;
  limit?: number;
  search?: string | undefined;
  signal?: AbortSignal;
}
const pageSize = 50;
/** A ticket of a token that ends in a moment would close its connection in a moment. */
const ticketTokenLifeMs = 60_000;
const linkTokenLifeMs = 5 * 60_000;

/** The REST API, one method per thing that a person may ask for. */
export class Api {
  private readonly http: Http;

  constructor(http: Http) {
    this.http = http;
  }

  ticket = (signal: AbortSignal) =>
    this.http.json<RealtimeTicket>("/v1/realtime/ticket", { method: "POST", signal, tokenLifeMs: ticketTokenLifeMs });
  stats = (signal?: AbortSignal) => this.http.json<RealtimeStats>("/v1/realtime/stats", signal ? { signal } : {});

  sessions = (signal?: AbortSignal) => this.http.json<Page<Session>>("/v1/sessions", signal ? { signal } : {});
  createSession = (body: { name: string; engine?: EngineName }) =>
    this.http.json<Session>("/v1/sessions", { method: "POST", body });
  /** With a phone number, a code to be typed on that phone is asked for beside the QR code. */
  connectSession = (id: string, phoneNumber?: string) =>
    this.http.json<Session>(`/v1/sessions/${id}/connect`, {
      method: "POST",
      ...(phoneNumber && { body: { phoneNumber } }),
    });
  disconnectSession = (id: string) => this.http.json<Session>(`/v1/sessions/${id}/disconnect`, { method: "POST" });
  logOutSession = (id: string) => this.http.json<Session>(`/v1/sessions/${id}/logout`, { method: "POST" });
  deleteSession = (id: string) => this.http.json<void>(`/v1/sessions/${id}`, { method: "DELETE" });
  sessionQr = (id: string) => this.http.json<SessionQr>(`/v1/sessions/${id}/qr`);

  sessionPairingCode = (id: string) => this.http.json<SessionPairingCode>(`/v1/sessions/${id}/pairing-code`);

  sessionPacing = (id: string, signal?: AbortSignal) =>
    this.http.json<SessionPacing>(`/v1/sessions/${id}/pacing`, signal ? { signal } : {});

  clients = (query: PageQuery) => this.page<Client>("/v1/clients", query);
  chats = (query: PageQuery) => this.page<Chat>("/v1/chats", query);
  chat = (id: string, signal?: AbortSignal) => this.http.json<Chat>(`/v1/chats/${id}`, signal ? { signal } : {});
  markRead = (chatId: string) => this.http.json<Chat>(`/v1/chats/${chatId}/read`, { method: "POST" });
  messages = (chatId: string, query: PageQuery) => this.page<Message>(`/v1/chats/${chatId}/messages`, query);
  /** The same key never sends twice, however often it is tried. */
  sendMessage = (chatId: string, body: SendMessageInput, key: string) =>
    this.http.json<Message>(`/v1/chats/${chatId}/messages`, {
      method: "POST",
      body,
      headers: { "Idempotency-Key": key },
    });
  /** To be named by a message; the server forgets what no message names. */
  upload = (file: File, onProgress: (part: number) => void) =>
    this.http.upload<UploadedFile>(`/v1/media?fileName=${encodeURIComponent(file.name)}`, file, onProgress);
  /** The chat with this number in this session, begun if there is none. */
  openChat = (body: { sessionId: string; number: string; name: string }) =>
    this.http.json<Chat>("/v1/chats", { method: "POST", body });
  retryMedia = (messageId: string) =>
    this.http.json<Message>(`/v1/messages/${messageId}/media/retry`, { method: "POST" });
  /** Ends with the token that it was asked with. */
  mediaLink = (mediaId: string) =>
    this.http.json<MediaLink>(`/v1/media/${mediaId}/link`, { method: "POST", tokenLifeMs: linkTokenLifeMs });
  media = (path: string, signal?: AbortSignal) => this.http.blob(path, signal);

  private page<Item>(path: string, { before, limit = pageSize, search, signal }: PageQuery): Promise<Page<Item>> {
    const query = { before, limit, search: search === "" ? undefined : search };
    return this.http.json<Page<Item>>(path, { query, ...(signal ? { signal } : {}) });
  }
}
