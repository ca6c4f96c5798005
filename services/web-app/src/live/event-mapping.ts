import type { Client, DataOf, Message, MessageKind, MessageType, MissingMedia } from "@syszap/contracts";

/** The event fields of R7 to R9 as the REST API names them: the only place that knows both. */
export function messageOf(data: DataOf<"new_message">, version: number): Message {
  return {
    id: data.Id,
    chatId: data.Chat_Id,
    sessionId: data.Session_Id ?? "",
    direction: data.Direction,
    type: data.Type,
    body: data.Body,
    status: data.Status ?? null,
    failureReason: null,
    ...fileOf(data),
    ...(data.Content && { content: data.Content }),
    ...(data.Quoted && {
      quoted: {
        id: data.Quoted.Id,
        direction: data.Quoted.Direction,
        type: data.Quoted.Type,
        body: data.Quoted.Body,
      },
    }),
    reactions: [],
    editedAt: null,
    revokedAt: null,
    sourceOrder: data.Source_Order ?? "",
    timestamp: data.timestamp,
    version,
  };
}

/** A message's file, or why it is not here. */
export function fileOf(
  data: Pick<DataOf<"message_update">, "Media" | "Missing_Media">,
): Pick<Message, "media" | "missingMedia"> {
  const { Media: file, Missing_Media: missing } = data;
  return {
    media: file ? { id: file.Id, mimeType: file.Mime_Type, fileName: file.File_Name, size: file.Size } : null,
    ...(missing && { missingMedia: missingMediaOf(missing) }),
  };
}

const missingMediaOf = (missing: NonNullable<DataOf<"new_message">["Missing_Media"]>): MissingMedia => ({
  state: missing.State,
  reason: missing.Reason,
  mimeType: missing.Mime_Type,
  fileName: missing.File_Name,
  size: missing.Size,
  limit: missing.Limit,
});

/** A new client has just written; `client_update` says it more exactly. */
export function newClientOf(data: DataOf<"new_client">, version: number): Client {
  return {
    id: data.Id,
    name: data.Name,
    whatsappNumber: data.WhatsApp_Number,
    profilePictureUrl: data.Profile_Pic_URL,
    lastContactAt: data.timestamp,
    version,
  };
}

export function clientOf(data: DataOf<"client_update">, version: number): Client {
  return {
    id: data.Id,
    name: data.Name,
    whatsappNumber: data.WhatsApp_Number,
    profilePictureUrl: data.Profile_Pic_URL,
    lastContactAt: data.Last_Contact_At,
    version,
  };
}

const kinds: { [Type in MessageType]: MessageKind } = {
  0: "text",
  1: "image",
  2: "video",
  3: "audio",
  4: "voice",
  5: "document",
  6: "sticker",
  7: "location",
  8: "contact",
  9: "poll",
  10: "system",
  99: "unknown",
};
/** `unknown` also for numbers that a newer server may send. */
export const kindOf = (type: number): MessageKind => kinds[type as MessageType] ?? "unknown";
