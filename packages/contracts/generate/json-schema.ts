import { z } from "zod";

export type JsonObject = { [key: string]: unknown };

/** Removes `additionalProperties: false`, because receivers ignore unknown fields, and the pattern of fields with a format. */
function simplify({ jsonSchema }: { jsonSchema: JsonObject }): void {
  if (jsonSchema.type === "object" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
}

/** `io`: "input" describes what a sender may write (fields with a default are optional), "output" what a receiver gets. */
export function toSchema(schema: z.ZodType, io: "input" | "output", target: "draft-7" | "draft-2020-12"): JsonObject {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    target,
    io,
    override: simplify,
  });
  return json;
}

/** Converts named schemas. References between them become `#/components/schemas/<name>`. */
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
