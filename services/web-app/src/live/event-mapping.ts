import type { Author, ChatGroup, Client, DataOf, Message, MissingMedia, Participant } from "@syszap/contracts";

/** Maps the event fields of R7 to R9 to those of the REST API. Only this file knows both names. */
export function messageOf(data: DataOf<"new_message">, version: number): Message {
  return {
    id: data.Id,
    chatId: data.Chat_Id,
    sessionId: data.Session_Id ?? "",
    direction: data.Direction,
    type: data.Type,
    body: data.Body,
    ...authorOf(data.Author),
    ...senderOf(data.Sender),
    ...(data.Mentions_Us && { mentionsUs: true }),
    status: data.Status ?? null,
    failureReason: null,
    ...fileOf(data),
    ...(data.Content && { content: data.Content }),
    ...(data.Context && { context: data.Context }),
    ...(data.Quoted && {
      quoted: {
        id: data.Quoted.Id,
        direction: data.Quoted.Direction,
        type: data.Quoted.Type,
        body: data.Quoted.Body,
        ...authorOf(data.Quoted.Author),
        ...senderOf(data.Quoted.Sender),
        ...(data.Quoted.Revoked_At && { revokedAt: data.Quoted.Revoked_At }),
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

/** The user who wrote a message. */
export const authorOf = (author: DataOf<"new_message">["Author"]): { author?: Author } =>
  author ? { author: { id: author.Id, name: author.Name } } : {};

/** The participant of a group who wrote a message. */
export const senderOf = (sender: DataOf<"new_message">["Sender"]): { sender?: Participant } =>
  sender ? { sender: { name: sender.Name || null, number: sender.WhatsApp_Number || null } } : {};

/** The file of a message, or the reason why it is missing. */
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

/** A new client has just written, so the event's time is the last contact until a `client_update` follows. */
export function newClientOf(data: DataOf<"new_client">, version: number): Client {
  return clientOf({ ...data, Last_Contact_At: data.timestamp }, version);
}

export function clientOf(data: DataOf<"client_update">, version: number): Client {
  return {
    id: data.Id,
    name: data.Name,
    whatsappNumber: data.WhatsApp_Number || null,
    username: data.Username ?? null,
    profilePictureUrl: data.Profile_Pic_URL,
    lastContactAt: data.Last_Contact_At,
    version,
  };
}

/** The group of a chat; null for a chat with a client. */
export const groupOf = (group: DataOf<"chat_update">["Group"]): ChatGroup | null =>
  group
    ? {
        subject: group.Subject,
        pictureUrl: group.Picture_URL,
        participantCount: group.Participant_Count,
        isMember: group.Is_Member,
        notifyAll: group.Notify_All,
        unreadMentions: group.Unread_Mentions,
      }
    : null;
