import { z } from "zod";

export type JsonObject = { [key: string]: unknown };

/** Receivers ignore what they don't know, so no schema closes its objects; and a format says it without zod's long pattern. */
function simplify({ jsonSchema }: { jsonSchema: JsonObject }): void {
  if (jsonSchema.type === "object" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
}

/** `io`: as a sender writes it ("input", what has a default may be left out), or as a receiver finds it ("output"). */
export function toSchema(schema: z.ZodType, io: "input" | "output", target: "draft-7" | "draft-2020-12"): JsonObject {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    target,
    io,
    override: simplify,
  });
  return json;
}

/** Named schemas that refer to each other by `#/components/schemas/<name>`. */
export function toComponents(named: Record<string, z.ZodType>): { [name: string]: JsonObject } {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    target: "draft-2020-12",
    io: "output",
    uri: (id) => `#/components/schemas/${id}`,
    override: simplify,
  });
  return Object.fromEntries(Object.entries(schemas).map(([id, { $schema: _, $id: __, ...json }]) => [id, json]));
}
