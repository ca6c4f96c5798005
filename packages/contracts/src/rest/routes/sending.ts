import { z } from "zod";
import { endpoints } from "../../constants/index.ts";
import type { RouteDefinition } from "../define-route.ts";
import { IdempotencyHeaders } from "../requests.ts";
import { Message, UploadedFile } from "../resources.ts";
import { SendMessageRequest, UploadRequest } from "../sending.ts";

export const sendingRoutes = {
  sendMessage: {
    ...endpoints.sendMessage,
    tag: "Inbox",
    summary:
      "Queue a text, a file, a place, a reaction, an edit or a deletion; `message_status` events tell what becomes of it",
    caller: "member",
    scopes: ["send"],
    params: z.object({ id: z.uuid() }),
    headers: IdempotencyHeaders,
    body: SendMessageRequest,
    answer: {
      status: 202,
      description:
        "What was queued. The same Idempotency-Key and body answer with the same. What only changes another message " +
        "(`changes` says which) is no message of the chat: once WhatsApp took it, a `message_update` of that one follows.",
      body: Message,
    },
    problems: [409],
  },
  uploadMedia: {
    ...endpoints.uploadMedia,
    tag: "Inbox",
    summary: "Store a file, the request's whole body, to be sent with a message; after a day without one it is removed",
    caller: "member",
    scopes: ["send"],
    query: UploadRequest,
    upload: true,
    answer: { status: 201, description: "The file. Its type is what its content says.", body: UploadedFile },
    problems: [400, 413, 429],
  },
} as const satisfies Record<string, RouteDefinition>;
