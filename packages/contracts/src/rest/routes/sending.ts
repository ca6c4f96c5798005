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
      "Queue a text, file, location, contact card, poll, forward, reaction, edit or deletion; `message_status` events report the progress",
    caller: "member",
    scopes: ["send"],
    params: z.object({ id: z.uuid() }),
    headers: IdempotencyHeaders,
    body: SendMessageRequest,
    answer: {
      status: 202,
      description:
        "The queued message. The same Idempotency-Key and body return the same message. A queued change of another message " +
        "(see `changes`) is not a message of the chat: after WhatsApp accepts it, a `message_update` event of that message follows. " +
        "409 with the type `/problems/not-supported`: the engine of the session cannot send this.",
      body: Message,
    },
    problems: [409],
  },
  uploadMedia: {
    ...endpoints.uploadMedia,
    tag: "Inbox",
    summary: "Upload a file (the request body) for a message; unused files are deleted after a day",
    caller: "member",
    scopes: ["send"],
    query: UploadRequest,
    upload: true,
    answer: { status: 201, description: "The file. The type is detected from the content.", body: UploadedFile },
    problems: [400, 413, 429],
  },
} as const satisfies Record<string, RouteDefinition>;
