/**
 * Every event type and its durability; nothing else declares it. Durable events are kept in the company's log: they carry `seq`,
 * `cursor` and `version` and survive a lost connection. Ephemeral events may be dropped.
 */
export const eventDurability = {
  announcement: "ephemeral",
  chat_update: "durable",
  client_update: "durable",
  live_stats: "ephemeral",
  message_status: "durable",
  message_update: "durable",
  new_client: "durable",
  new_message: "durable",
  pairing_code: "ephemeral",
  qr_code: "ephemeral",
  session_pacing: "ephemeral",
  session_status: "durable",
  typing: "ephemeral",
  webhook_disabled: "ephemeral",
} as const satisfies Record<string, "durable" | "ephemeral">;

type Durability = typeof eventDurability;
export type EventType = keyof Durability;
export type DurableType = { [Type in EventType]: Durability[Type] extends "durable" ? Type : never }[EventType];
export type EphemeralType = Exclude<EventType, DurableType>;

export const eventTypes = Object.keys(eventDurability) as EventType[];
export const isEventType = (type: string): type is EventType => Object.hasOwn(eventDurability, type);
const isDurableType = (type: EventType): type is DurableType => eventDurability[type] === "durable";
/** The types that a webhook endpoint can subscribe to. */
export const durableTypes: readonly DurableType[] = eventTypes.filter(isDurableType);
