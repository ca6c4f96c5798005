import type { z } from "zod";
import type { Audience } from "./audience.ts";
import type { DurableType, EphemeralType, EventType } from "./constants/index.ts";
import * as events from "./events/index.ts";

type Definition = (typeof events)[keyof typeof events];
export type DefinitionOf<Type extends EventType> = Extract<Definition, { type: Type }>;
/** Content of `data` in an event of this type. */
export type DataOf<Type extends EventType> = z.infer<DefinitionOf<Type>["data"]>;

type Catalog = { readonly [Type in EventType]: DefinitionOf<Type> };
/** Every event definition, by type. */
export const catalog = Object.fromEntries(Object.values(events).map((event) => [event.type, event])) as Catalog;

/** A durable event before it is published. The log assigns `seq` and `cursor`. */
export type DurableEvent<Type extends DurableType = DurableType> = {
  [Each in Type]: {
    type: Each;
    /** UUIDv5 of row, type and version: publishing the same change again is a no-op. */
    id: string;
    version: number;
    audience: Audience;
    data: DataOf<Each>;
  };
}[Type];
/** An ephemeral event: not kept in the log, dropped when stale. */
export type EphemeralEvent<Type extends EphemeralType = EphemeralType> = {
  [Each in Type]: { type: Each; audience: Audience; data: DataOf<Each> };
}[Type];
