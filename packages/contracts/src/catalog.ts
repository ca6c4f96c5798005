import type { z } from "zod";
import type { Audience } from "./audience.ts";
import * as events from "./events/index.ts";

type Definitions = typeof events;
type Definition = Definitions[keyof Definitions];
export type EventType = Definition["type"];
export type DefinitionOf<Type extends EventType> = Extract<Definition, { type: Type }>;
/** What `data` holds for an event of this type. */
export type DataOf<Type extends EventType> = z.infer<DefinitionOf<Type>["data"]>;

const list: readonly Definition[] = Object.values(events);
/** Every event there is, by type. */
export const catalog = Object.fromEntries(list.map((event) => [event.type, event])) as {
  [Type in EventType]: DefinitionOf<Type>;
};
export const eventTypes = list.map((event) => event.type) as EventType[];
export const isEventType = (type: string): type is EventType => Object.hasOwn(catalog, type);
type DurableTypes =
  | "session_status"
  | "new_message"
  | "new_client"
  | "client_update"
  | "message_status"
  | "message_update"
  | "chat_update";
/** Types that are kept in the company's log. */
export type DurableType = Extract<EventType, DurableTypes>;
export type EphemeralType = Exclude<EventType, DurableTypes>;

/** Every durable type: what webhooks may be sent. */
export const durableTypes = eventTypes.filter((type) => catalog[type].durable) as DurableType[];

/** A durable event before it is published: `seq` and `cursor` come with its place in the log. */
export type DurableEvent<Type extends DurableType = DurableType> = {
  [Each in Type]: {
    type: Each;
    /** UUIDv5 of row, type and version: publishing the same change again publishes nothing. */
    id: string;
    version: number;
    audience: Audience;
    data: DataOf<Each>;
  };
}[Type];
/** An ephemeral event: no place in the log, dropped when stale. */
export type EphemeralEvent<Type extends EphemeralType = EphemeralType> = {
  [Each in Type]: { type: Each; audience: Audience; data: DataOf<Each> };
}[Type];
