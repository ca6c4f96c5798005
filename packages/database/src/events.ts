import {
  type Audience,
  type Author,
  type Chat,
  type ChatGroup,
  type Client,
  type DataOf,
  type DurableEvent,
  type DurableType,
  type Message,
  type MissingMedia,
  type Participant,
  type Session,
  toSenderReference,
  wholeCompany,
} from "@syszap/contracts";
import { v4, v5 } from "uuid";
import type { CompanyReach, Subject } from "./reach/company-reach.ts";

/** Must never change: the same row, type and version must give the same event id in every process and release. */
const namespace = "6d6f8a0e-2c0e-4d0b-8c5f-5a4e7b1c9d20";

/** Derives the id of the event for a version of a row. The event bus ignores an id that it has published. */
export const eventIdOf = (row: { id: string; version: number }, type: DurableType): string =>
  v5(`${row.id}|${type}|${row.version}`, namespace);

/** Collects the events of a transaction. They are committed with it and published after it. */
export class UnitEvents {
  readonly #collected: DurableEvent[] = [];
  /** The index of an event that not everybody may see, with its subject. */
  readonly #subjects = new Map<number, Subject>();
  readonly #ids = new Set<string>();

  constructor(
    private readonly companyId: string,
    private readonly reach: CompanyReach,
  ) {}

  /** The events that were added until now. Their audiences are not set yet. */
  get collected(): readonly DurableEvent[] {
    return this.#collected;
  }

  /** All events with their audiences. Called at the end of the transaction. */
  async withAudiences(): Promise<DurableEvent[]> {
    if (this.#subjects.size === 0) return [...this.#collected];
    const audiences = (await this.reach.audiencesOf([...this.#subjects.values()])).values();
    return this.#collected.map((event, index) =>
      this.#subjects.has(index) ? { ...event, audience: audiences.next().value ?? event.audience } : event,
    );
  }

  sessionStatus(session: Session): void {
    this.add("session_status", session, undefined, {
      sessionId: session.id,
      status: session.status,
      detail: session.detail,
      ...(session.reason !== null && { reason: session.reason }),
      timestamp: session.updatedAt,
    });
  }

  /** `isLate`: the message was written while the session was not connected. */
  newMessage(message: Message, chat: Chat, isLate = false): void {
    this.add("new_message", message, message, {
      Id: message.id,
      Chat_Id: message.chatId,
      Direction: message.direction,
      Type: message.type,
      Body: message.body,
      Chat: { WA_Chat_Id: chat.waChatId },
      ...toClientOrGroup(chat),
      ...toAuthor(message.author),
      ...toSender(message.sender),
      ...(message.mentionsUs && { Mentions_Us: true }),
      ...(message.status && { Status: message.status }),
      ...(message.media && { Media: toMedia(message.media) }),
      ...(message.missingMedia && { Missing_Media: toMissingMedia(message.missingMedia) }),
      ...(message.content && { Content: message.content }),
      ...(message.context && { Context: message.context }),
      ...(message.quoted && { Quoted: toQuoted(message.quoted) }),
      Session_Id: message.sessionId,
      ...(isLate && { Late: true }),
      Source_Order: message.sourceOrder,
      timestamp: message.timestamp,
    });
  }

  /** Emitted once for a client, with its first message. */
  newClient(client: Client): void {
    this.add(
      "new_client",
      client,
      { clientIds: [client.id] },
      {
        Id: client.id,
        Name: client.name,
        WhatsApp_Number: client.whatsappNumber ?? "",
        Username: client.username ?? null,
        Profile_Pic_URL: client.profilePictureUrl,
        Company_Id: this.companyId,
        timestamp: new Date().toISOString(),
      },
    );
  }

  /** `mergedInto`: id of the client that this one was merged into. */
  clientUpdate(client: Client, mergedInto?: string): void {
    const clientIds = mergedInto === undefined ? [client.id] : [client.id, mergedInto];
    this.add(
      "client_update",
      client,
      { clientIds },
      {
        Id: client.id,
        Name: client.name,
        WhatsApp_Number: client.whatsappNumber ?? "",
        Username: client.username ?? null,
        Profile_Pic_URL: client.profilePictureUrl,
        Last_Contact_At: client.lastContactAt,
        ...(mergedInto !== undefined && { Merged_Into: mergedInto }),
        timestamp: new Date().toISOString(),
      },
    );
  }

  messageStatus(message: Message): void {
    if (message.status === null) throw new TypeError("an incoming message has no status");
    this.add("message_status", message, message, {
      Id: message.id,
      Chat_Id: message.chatId,
      Status: message.status,
      ...(message.failureReason !== null && { Reason: message.failureReason }),
      ...(message.changes && {
        Changes: { Message_Id: message.changes.messageId, Change: message.changes.change },
      }),
      timestamp: new Date().toISOString(),
    });
  }

  messageUpdate(message: Message, change: DataOf<"message_update">["Change"]): void {
    this.add("message_update", message, message, {
      Id: message.id,
      Chat_Id: message.chatId,
      Change: change,
      Body: message.body,
      ...toAuthor(message.author),
      Edited_At: message.editedAt,
      Revoked_At: message.revokedAt,
      Reactions: message.reactions,
      Media: message.media && toMedia(message.media),
      Missing_Media: message.missingMedia ? toMissingMedia(message.missingMedia) : null,
      Content: message.content ?? null,
      timestamp: new Date().toISOString(),
    });
  }

  /** `mergedInto`: id of the chat that has the messages now. `messagesMoved`: clients must read the chat's messages again. */
  chatUpdate(chat: Chat, { mergedInto, messagesMoved }: { mergedInto?: string; messagesMoved?: boolean } = {}): void {
    const last = chat.lastMessage;
    this.add("chat_update", chat, chat, {
      Id: chat.id,
      ...(chat.client && { Client_Id: chat.client.id }),
      ...(chat.group && { Group: toGroup(chat.group) }),
      Session_Id: chat.sessionId,
      WA_Chat_Id: chat.waChatId,
      Unread_Count: chat.unreadCount,
      Last_Message: last && {
        Id: last.id,
        Direction: last.direction,
        Type: last.type,
        Body: last.body,
        ...toAuthor(last.author),
        ...toSender(last.sender),
        ...(last.mentions && { Mentions: last.mentions }),
        Revoked_At: last.revokedAt ?? null,
        timestamp: last.timestamp,
      },
      ...(mergedInto !== undefined && { Merged_Into: mergedInto }),
      ...(messagesMoved && { Messages_Moved: true }),
      timestamp: new Date().toISOString(),
    });
  }

  /**
   * The role, the teams or the account of these users changed, so that they see other chats than before. After the commit the
   * gateways close their sockets, also when this process is killed: the outbox repeats the event until it is published.
   */
  accessChanged(userIds: Iterable<string>): void {
    for (const userId of userIds) this.addAccessChange({ kind: "user", userId });
  }

  /** Like `accessChanged`, for all agents of the company: a setting of the company or of a session changed. */
  accessOfAgentsChanged(): void {
    this.addAccessChange({ kind: "role", roles: ["agent"] });
  }

  private addAccessChange(audience: Audience): void {
    const data = { timestamp: new Date().toISOString() };
    this.#collected.push({ type: "access_changed", id: v4(), version: 0, audience, data });
  }

  /** `subject`: who may see the event; undefined for the whole company. */
  private add<Type extends DurableType>(
    type: Type,
    row: { id: string; version: number },
    subject: Subject | undefined,
    data: DataOf<Type>,
  ): void {
    const id = eventIdOf(row, type);
    if (this.#ids.has(id)) return;
    this.#ids.add(id);
    if (subject) {
      if (this.#subjects.size === 0) this.reach.prefetch();
      this.#subjects.set(this.#collected.length, subject);
    }
    const event = { type, id, version: row.version, audience: wholeCompany, data };
    this.#collected.push(event as DurableEvent);
  }
}

const toMedia = (media: NonNullable<Message["media"]>): NonNullable<DataOf<"new_message">["Media"]> => ({
  Id: media.id,
  Mime_Type: media.mimeType,
  File_Name: media.fileName,
  Size: media.size,
});
const toAuthor = (author: Author | undefined) => (author ? { Author: { Id: author.id, Name: author.name } } : {});
const toSender = (sender: Participant | undefined) => (sender ? { Sender: toSenderReference(sender) } : {});
const toQuoted = ({ id, direction, type, body, author, sender, revokedAt }: NonNullable<Message["quoted"]>) => ({
  Id: id,
  Direction: direction,
  Type: type,
  Body: body,
  ...toAuthor(author),
  ...toSender(sender),
  ...(revokedAt && { Revoked_At: revokedAt }),
});
const toMissingMedia = (missing: MissingMedia): NonNullable<DataOf<"new_message">["Missing_Media"]> => ({
  State: missing.state,
  Reason: missing.reason,
  Mime_Type: missing.mimeType,
  File_Name: missing.fileName,
  Size: missing.size,
  Limit: missing.limit,
});

function toClientOrGroup({ client, group }: Chat): Pick<DataOf<"new_message">, "Client" | "Group"> {
  if (client) return { Client: { Id: client.id, Name: client.name, WhatsApp_Number: client.whatsappNumber ?? "" } };
  return group ? { Group: { Subject: group.subject, Notify_All: group.notifyAll } } : {};
}

const toGroup = (group: ChatGroup): NonNullable<DataOf<"chat_update">["Group"]> => ({
  Subject: group.subject,
  Picture_URL: group.pictureUrl,
  Participant_Count: group.participantCount,
  Is_Member: group.isMember,
  Notify_All: group.notifyAll,
  Unread_Mentions: group.unreadMentions,
});
