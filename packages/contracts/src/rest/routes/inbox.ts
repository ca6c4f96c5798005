import { z } from "zod";
import type { RouteDefinition } from "../define-route.ts";
import { IdempotencyHeaders, PageRequest, pageOf, SearchablePageRequest, SendMessageRequest } from "../requests.ts";
import { Chat, Client, Message } from "../resources.ts";

const ById = z.object({ id: z.uuid() });

export const inboxRoutes = {
  listClients: {
    method: "get",
    path: "/v1/clients",
    tag: "Inbox",
    summary: "Clients, last contact first",
    caller: "member",
    query: SearchablePageRequest,
    answer: { status: 200, description: "One page.", body: pageOf(Client) },
  },
  getClient: {
    method: "get",
    path: "/v1/clients/:id",
    tag: "Inbox",
    summary: "One client",
    caller: "member",
    params: ById,
    answer: { status: 200, description: "The client.", body: Client },
  },
  listChats: {
    method: "get",
    path: "/v1/chats",
    tag: "Inbox",
    summary: "Chats, newest message first",
    caller: "member",
    query: SearchablePageRequest,
    answer: { status: 200, description: "One page.", body: pageOf(Chat) },
  },
  getChat: {
    method: "get",
    path: "/v1/chats/:id",
    tag: "Inbox",
    summary: "One chat",
    caller: "member",
    params: ById,
    answer: { status: 200, description: "The chat.", body: Chat },
  },
  markChatRead: {
    method: "post",
    path: "/v1/chats/:id/read",
    tag: "Inbox",
    summary: "Everything in this chat was read",
    caller: "member",
    params: ById,
    answer: { status: 200, description: "The chat, with nothing unread.", body: Chat },
  },
  listMessages: {
    method: "get",
    path: "/v1/chats/:id/messages",
    tag: "Inbox",
    summary: "Messages of a chat, newest first, in WhatsApp's order",
    caller: "member",
    params: ById,
    query: PageRequest,
    answer: { status: 200, description: "One page.", body: pageOf(Message) },
  },
  sendMessage: {
    method: "post",
    path: "/v1/chats/:id/messages",
    tag: "Inbox",
    summary: "Queue a text; `message_status` events tell what becomes of it",
    caller: "member",
    params: ById,
    headers: IdempotencyHeaders,
    body: SendMessageRequest,
    answer: {
      status: 202,
      description: "The queued message. The same Idempotency-Key and body answer with the same message.",
      body: Message,
    },
    problems: [409],
  },
  getMedia: {
    method: "get",
    path: "/v1/media/:id",
    tag: "Inbox",
    summary: "The bytes of a file that came with a message, or of a profile picture",
    caller: "member",
    params: ById,
    answer: { status: 200, description: "The file.", mediaType: "application/octet-stream" },
  },
} as const satisfies Record<string, RouteDefinition>;
