import { z } from "zod";

/** One kind of event: its schema, and whether it is kept in the company's log (durable) or only passed on (ephemeral). */
export interface EventDefinition<Type extends string = string, Shape extends z.ZodRawShape = z.ZodRawShape> {
  readonly type: Type;
  readonly durable: boolean;
  readonly data: z.ZodObject<Shape>;
}

/** Durable events get `seq`, `cursor` and `version` and survive a lost connection; ephemeral ones may be dropped. */
export function defineEvent<Type extends string, Shape extends z.ZodRawShape>(
  type: Type,
  options: { durable: boolean },
  shape: Shape,
): EventDefinition<Type, Shape> {
  return { type, durable: options.durable, data: z.object(shape) };
}
