/**
 * Every event type and its durability; nothing else declares it. Durable events are kept in the company's log: they carry `seq`,
 * `cursor` and `version` and survive a lost connection. Ephemeral events may be dropped.
 */
export const eventDurability = {
  access_changed: "durable",
  announcement: "ephemeral",
  chat_gone: "durable",
  chat_update: "durable",
  client_update: "durable",
  live_stats: "ephemeral",
  message_status: "durable",
  message_update: "durable",
  new_client: "durable",
  new_message: "durable",
  pairing_code: "ephemeral",
  presence_check: "ephemeral",
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
/** About the reach of one user. Webhooks and consumers belong to managers, who see everything, and never receive them. */
const personalTypes: readonly EventType[] = ["access_changed", "chat_gone"];
/** The types that a webhook endpoint or a consumer can select. */
export const selectableTypes: readonly DurableType[] = eventTypes
  .filter(isDurableType)
  .filter((type) => !personalTypes.includes(type));
