import { randomUUID } from "node:crypto";
import type { Audience, DurableEvent, DurableType, EventDefinition, EventType } from "@syszap/contracts";
import { z } from "zod";

type DeepPartial<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { [Key in keyof Value]?: DeepPartial<Value[Key]> | undefined }
    : Value;
type Def = z.core.$ZodTypes["_zod"]["def"];

/**
 * Creates valid data for a schema or for the `data` of an event. Ids are random, optional fields are absent and overrides are
 * merged deeply. Throws if the result is invalid.
 */
export function example<Schema extends z.ZodType>(
  source: Schema,
  overrides?: DeepPartial<z.input<Schema>>,
): z.output<Schema>;
export function example<Type extends EventType, Shape extends z.ZodRawShape>(
  source: EventDefinition<Type, Shape>,
  overrides?: DeepPartial<z.input<z.ZodObject<Shape>>>,
): z.output<z.ZodObject<Shape>>;
export function example(source: z.ZodType | EventDefinition, overrides?: unknown): unknown {
  const schema = "data" in source && "durable" in source ? source.data : (source as z.ZodType);
  return schema.parse(merge(valueFor(schema), overrides));
}

/** Creates a durable event that can be published. Default audience: the whole company. */
export function exampleEvent<Type extends DurableType>(
  definition: Extract<EventDefinition, unknown> & { type: Type },
  overrides: { data?: object; id?: string; version?: number; audience?: Audience } = {},
): DurableEvent<Type> {
  const event = {
    type: definition.type,
    id: overrides.id ?? randomUUID(),
    version: overrides.version ?? 1,
    audience: overrides.audience ?? { kind: "company" },
    data: example(definition.data, overrides.data ?? {}),
  };
  return event as unknown as DurableEvent<Type>;
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

function merge(value: unknown, override: unknown): unknown {
  if (override === undefined) return value;
  if (!isPlain(value) || !isPlain(override)) return override;
  const keys = new Set([...Object.keys(value), ...Object.keys(override)]);
  return Object.fromEntries([...keys].map((key) => [key, merge(value[key], override[key])]));
}

function valueFor(schema: z.core.$ZodType): unknown {
  const def = schema._zod.def as Def;
  switch (def.type) {
    case "object":
      return Object.fromEntries(
        Object.entries(def.shape)
          .filter(([, field]) => field._zod.optin !== "optional")
          .map(([key, field]) => [key, valueFor(field)]),
      );
    case "array":
      return isValid(schema, []) ? [] : [valueFor(def.element)];
    case "union":
      return valueFor(first(def.options));
    case "literal":
      return first(def.values);
    case "enum":
      return first(Object.values(def.entries));
    case "nullable":
    case "optional":
    case "default":
    case "readonly":
      return valueFor(def.innerType);
    case "pipe":
      return valueFor(def.in);
    case "record":
      return {};
    case "boolean":
      return false;
    case "null":
      return null;
    default:
      return firstValid(schema);
  }
}

const first = <Item>(items: readonly Item[]): Item => {
  const [item] = items;
  if (item === undefined) throw new Error("Cannot create an example of an empty union or enum.");
  return item;
};
const isValid = (schema: z.core.$ZodType, value: unknown) => z.safeParse(schema, value).success;

/** Returns the first candidate that satisfies all checks of the schema, such as patterns and limits. */
function firstValid(schema: z.core.$ZodType): unknown {
  const candidates: unknown[] = [
    ...["Example", randomUUID(), new Date().toISOString(), "ana@example.com", "https://example.com/a", "K7WZ2M9P"],
    ...["5511987654321", `1.${"0".repeat(16)}`, "0".repeat(64), "data:image/png;base64,iVBORw0KGgo=", "2026-01-31"],
    "120363012345678901@g.us",
    ...[1, 0, 1_000_000, Date.now(), 0.5],
  ];
  const found = candidates.find((candidate) => isValid(schema, candidate));
  if (found === undefined)
    throw new Error(`No candidate satisfies this ${schema._zod.def.type} schema. Add one to firstValid().`);
  return found;
}
