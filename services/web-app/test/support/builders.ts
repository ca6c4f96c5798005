import type { DurableFrame } from "@syszap/client";
import { type Chat, type Client, catalog, type DataOf, type DurableType, type Message } from "@syszap/contracts";

let count = 0;
/** A new valid v4 UUID. */
export const newId = (): string => {
  count += 1;
  return `00000000-0000-4000-8000-${String(count).padStart(12, "0")}`;
};
export const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();

/** A frame as the gateway sends it. Throws if the data does not match the contracts. */
export function frame<Type extends DurableType>(type: Type, version: number, data: DataOf<Type>): DurableFrame<Type> {
  return { type, id: newId(), version, data: catalog[type].data.parse(data) } as DurableFrame<Type>;
}

export const aClient = (overrides: Partial<Client> = {}): Client => ({
  id: newId(),
  name: "Mariana",
  whatsappNumber: "5511987654321",
  profilePictureUrl: null,
  lastContactAt: at(0),
  version: 1,
  ...overrides,
});

/** A chat with a client, not a group. */
type ClientChat = Chat & { client: Client };

export const aChat = (overrides: Partial<ClientChat> = {}): ClientChat => ({
  id: newId(),
  sessionId: newId(),
  waChatId: "5511987654321@c.us",
  client: aClient(),
  group: null,
  unreadCount: 0,
  lastMessage: { id: newId(), direction: 0, type: 0, body: "oi", timestamp: at(0) },
  version: 1,
  ...overrides,
});

export const aMessage = (overrides: Partial<Message> = {}): Message => ({
  id: newId(),
  chatId: newId(),
  sessionId: newId(),
  direction: 0,
  type: 0,
  body: "oi",
  status: null,
  failureReason: null,
  media: null,
  reactions: [],
  editedAt: null,
  revokedAt: null,
  sourceOrder: "",
  timestamp: at(0),
  version: 1,
  ...overrides,
});

/** The event that the server publishes for a stored message. */
export const stored = (message: Message, client: Client = aClient()): DurableFrame<"new_message"> =>
  frame("new_message", message.version, {
    Id: message.id,
    Chat_Id: message.chatId,
    Direction: message.direction,
    Type: message.type,
    Body: message.body,
    Chat: { WA_Chat_Id: `${client.whatsappNumber}@c.us` },
    Client: { Id: client.id, Name: client.name, WhatsApp_Number: client.whatsappNumber ?? "" },
    ...(message.author && { Author: { Id: message.author.id, Name: message.author.name } }),
    ...(message.status ? { Status: message.status } : {}),
    Session_Id: message.sessionId,
    ...(message.sourceOrder ? { Source_Order: message.sourceOrder } : {}),
    timestamp: message.timestamp,
  });
