import { z } from "zod";
import { endpoints } from "../../constants/index.ts";
import { EraseClientRequest, MergeClientsRequest, SplitClientRequest } from "../client-changes.ts";
import type { RouteDefinition } from "../define-route.ts";
import { Client, ClientDetails } from "../inbox/clients.ts";
import { GroupParticipant, SetChatNoticesRequest } from "../inbox/groups.ts";
import { OpenChatRequest } from "../open-chat.ts";
import { MessagePageRequest, pageOf, SearchablePageRequest, TypingRequest } from "../requests.ts";
import { Chat, InboxCounts, MediaLink, Message } from "../resources.ts";

const ById = z.object({ id: z.uuid() });
const mergedIds =
  "The id of a chat that was merged into another one (`Merged_Into`) refers to that chat, here and in all paths below";

const reading = { tag: "Inbox", caller: "member", scopes: ["read"] } as const;
const managing = { tag: "Inbox", caller: "manager" } as const;
const sending = { tag: "Inbox", caller: "member", scopes: ["send"] } as const;

export const inboxRoutes = {
  getInboxCounts: {
    ...endpoints.getInboxCounts,
    ...reading,
    summary: "Count what is unread in all chats that the caller sees",
    answer: { status: 200, description: "The counts.", body: InboxCounts },
  },
  listClients: {
    ...endpoints.listClients,
    ...reading,
    summary: "List clients, most recent contact first",
    query: SearchablePageRequest,
    answer: { status: 200, description: "One page.", body: pageOf(Client) },
  },
  getClient: {
    ...endpoints.getClient,
    ...reading,
    summary: "Get a client with all numbers that it had",
    params: ById,
    answer: { status: 200, description: "The client.", body: ClientDetails },
  },
  mergeClients: {
    ...endpoints.mergeClients,
    ...managing,
    summary: "Merge another client into this one, because both are one person; can be undone for 24 hours",
    params: ById,
    body: MergeClientsRequest,
    answer: { status: 201, description: "The client.", body: ClientDetails },
    problems: [409],
  },
  undoClientMerge: {
    ...endpoints.undoClientMerge,
    ...managing,
    summary: "Undo a merge: both clients are restored, each with the messages that arrived for it since",
    params: z.object({ id: z.uuid(), mergeId: z.uuid() }),
    answer: { status: 200, description: "The client.", body: ClientDetails },
    problems: [409],
  },
  splitClient: {
    ...endpoints.splitClient,
    ...managing,
    summary: "Move addresses of a client, with their messages, to a new client, because they belong to another person",
    params: ById,
    body: SplitClientRequest,
    answer: { status: 201, description: "The new client.", body: ClientDetails },
    problems: [409],
  },
  eraseClient: {
    ...endpoints.eraseClient,
    ...managing,
    summary:
      "Erase a client for good, with all messages, files and addresses, for example because the person demands it",
    params: ById,
    body: EraseClientRequest,
    answer: { status: 202, description: "The client is gone, and its messages are being erased." },
  },
  listChats: {
    ...endpoints.listChats,
    ...reading,
    summary: "List chats, newest message first",
    query: SearchablePageRequest,
    answer: { status: 200, description: "One page.", body: pageOf(Chat) },
  },
  openChat: {
    ...endpoints.openChat,
    ...sending,
    summary: "Get the chat of a session with a phone number, or create it; no event follows before the first message",
    body: OpenChatRequest,
    answer: { status: 200, description: "The chat.", body: Chat },
    problems: [404],
  },
  getChat: {
    ...endpoints.getChat,
    ...reading,
    summary: `Get a chat. ${mergedIds}`,
    params: ById,
    answer: { status: 200, description: "The chat.", body: Chat },
  },
  markChatRead: {
    ...endpoints.markChatRead,
    ...sending,
    summary: "Mark all messages of a chat as read",
    params: ById,
    answer: { status: 200, description: "The chat, without unread messages.", body: Chat },
  },
  setChatNotices: {
    ...endpoints.setChatNotices,
    ...sending,
    summary: "Set whether all messages of a group are counted and notified, for all users, or mentions only",
    params: ById,
    body: SetChatNoticesRequest,
    answer: { status: 200, description: "The chat.", body: Chat },
    problems: [409],
  },
  listParticipants: {
    ...endpoints.listParticipants,
    ...reading,
    summary: "List the participants of a group: owners and admins first, then by name",
    params: ById,
    answer: {
      status: 200,
      description: "All participants; none for a chat with a client.",
      body: pageOf(GroupParticipant),
    },
  },
  typeInChat: {
    ...endpoints.typeInChat,
    ...sending,
    summary: "Show a typing notice to the client and to colleagues; it expires after 10 s",
    params: ById,
    body: TypingRequest,
    answer: { status: 204, description: "Forwarded to the connector that owns the session, if there is one." },
    problems: [429],
  },
  listMessages: {
    ...endpoints.listMessages,
    ...reading,
    summary: "List the messages of a chat, newest first, in WhatsApp's order: the newest ones, or those at a position",
    params: ById,
    query: MessagePageRequest,
    answer: {
      status: 200,
      description: "One page.",
      body: pageOf(Message).extend({ hasNewer: z.boolean().describe("true: newer messages follow after the page") }),
    },
  },
  getMedia: {
    ...endpoints.getMedia,
    ...reading,
    summary: "Download the file of a message, or a profile picture",
    params: ById,
    answer: {
      status: 200,
      description: "The file; 206 with one part if the request has a `Range` of one part.",
      mediaType: "application/octet-stream",
    },
    problems: [416],
  },
  getMediaThumbnail: {
    ...endpoints.getMediaThumbnail,
    ...reading,
    summary: "Download a thumbnail of an image, at most 512 × 512 pixels; 404 for files that are not images",
    params: ById,
    answer: { status: 200, description: "The thumbnail.", mediaType: "image/webp" },
  },
  linkMedia: {
    ...endpoints.linkMedia,
    ...reading,
    summary: "Create a URL for media players, which request parts of a file and cannot send a token",
    params: ById,
    answer: { status: 200, description: "The URL, valid for a few minutes.", body: MediaLink },
  },
  getLinkedMedia: {
    ...endpoints.getLinkedMedia,
    tag: "Inbox",
    summary: "Download a file by the URL that `linkMedia` returned",
    caller: "anyone",
    params: ById,
    query: z.object({ link: z.string().min(1).max(2_000) }),
    answer: { status: 200, description: "As for `getMedia`.", mediaType: "application/octet-stream" },
    problems: [401, 416],
  },
  retryMessageMedia: {
    ...endpoints.retryMessageMedia,
    ...reading,
    summary: "Retry the download of a missing file; a `message_update` event reports the result",
    params: ById,
    answer: { status: 202, description: "The message, whose file is pending.", body: Message },
    problems: [409],
  },
} as const satisfies Record<string, RouteDefinition>;
