import { z } from "zod";
import { type EventType, eventDurability } from "./constants/index.ts";

/** An event type with the schema of its data. */
export interface EventDefinition<Type extends EventType = EventType, Shape extends z.ZodRawShape = z.ZodRawShape> {
  readonly type: Type;
  readonly durable: boolean;
  readonly data: z.ZodObject<Shape>;
}

export function defineEvent<Type extends EventType, Shape extends z.ZodRawShape>(
  type: Type,
  shape: Shape,
): EventDefinition<Type, Shape> {
  return { type, durable: eventDurability[type] === "durable", data: z.object(shape) };
}
