import { type RouteDefinition, type RouteName, routes } from "@syszap/contracts";
import fc from "fast-check";
import { z } from "zod";
import { nastyEncodings, nastyJson, nastyTexts } from "./nasty-values.ts";

/** A request in which some parameters are nasty and the others valid. */
export interface FuzzRequest {
  name: RouteName;
  path: string;
  headers: Record<string, string>;
  body?: string | undefined;
}
/** Ids that exist, by the name of the collection in the path, such as `chats`. */
export type KnownIds = Record<string, string>;

type Schema = Record<string, unknown>;
const schemaOf = (type: z.ZodType): Schema => z.toJSONSchema(type, { io: "input", unrepresentable: "any" }) as Schema;
const nastyHeaders = nastyTexts.filter((text) => /^[\t\x20-\x7e\x80-\xff]*$/.test(text));

/** Values that the schema probably accepts. A refinement may still refuse them. */
function valid(schema: Schema): fc.Arbitrary<unknown> {
  if ("const" in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  const options = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (options) return fc.oneof(...options.map(valid));
  switch (schema.type) {
    case "object":
      return fc.record(
        Object.fromEntries(
          Object.entries((schema.properties ?? {}) as Record<string, Schema>).map(([key, it]) => [key, valid(it)]),
        ),
        { requiredKeys: (schema.required ?? []) as string[] },
      );
    case "array":
      return fc.array(valid((schema.items ?? {}) as Schema), { minLength: 1, maxLength: 3 });
    case "integer":
    case "number":
      return fc.constantFrom(Number(schema.minimum ?? 1), 1, 2);
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "string":
      return validText(schema);
    default:
      return fc.constant("x");
  }
}

function validText({ format, pattern }: Schema): fc.Arbitrary<string> {
  if (format === "uuid") return fc.uuid({ version: 4 });
  if (format === "date-time") return fc.constant(new Date(Date.now() + 3_600_000).toISOString());
  if (format === "email") return fc.constant("ana@example.com");
  if (format === "uri") return fc.constant("https://erp.example.com/hook");
  return typeof pattern === "string"
    ? fc.constantFrom("5511912345678", "00000000.0", "robo", "12")
    : fc.constantFrom("Ana", "👍");
}

/** Replaces the value at one random position of a JSON value, or adds an unknown field there. */
function corrupted(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(value, fc.nat(), fc.constantFrom(...nastyJson))
    .map(([whole, position, nasty]) => replaceAt(whole, position, nasty));
}

function replaceAt(value: unknown, position: number, nasty: unknown): unknown {
  if (typeof value !== "object" || value === null) return nasty;
  const keys = [...Object.keys(value), "unknownField"];
  const key = keys[position % keys.length] ?? "";
  const inner = (value as Record<string, unknown>)[key];
  const replaced = position % 3 === 0 ? replaceAt(inner, Math.floor(position / keys.length), nasty) : nasty;
  return Array.isArray(value)
    ? value.map((item, index) => (String(index) === key ? replaced : item))
    : { ...value, [key]: replaced };
}

/** A query or path value, encoded. */
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());
const nastyValue = fc.oneof(
  fc.constantFrom(...nastyTexts).map(encoded),
  fc.constantFrom(...nastyEncodings),
  fc.string().map(encoded),
);

function pathOf(route: RouteDefinition, ids: KnownIds): fc.Arbitrary<string> {
  const parts = route.path.split("/").map((part, index, all): fc.Arbitrary<string> => {
    if (!part.startsWith(":")) return fc.constant(part);
    const known = idFor(part, all[index - 1], ids);
    return fc.oneof({ weight: 6, arbitrary: fc.constant(known) }, { weight: 1, arbitrary: nastyValue });
  });
  return fc.tuple(...parts).map((all) => all.join("/"));
}

function queryOf(route: RouteDefinition): fc.Arbitrary<string> {
  const schema = route.query && schemaOf(route.query);
  const known = Object.entries((schema?.properties ?? {}) as Record<string, Schema>).map(([name, it]) => {
    const value = fc.oneof(
      { weight: 2, arbitrary: nastyValue },
      valid(it).map((text) => encoded(String(text))),
    );
    return fc.option(
      value.map((text) => `${name}=${text}`),
      { nil: undefined },
    );
  });
  const unknown = fc.option(
    nastyValue.map((name) => `${name}=1`),
    { nil: undefined, freq: 8 },
  );
  return fc.tuple(...known, unknown).map((all) => all.filter((it) => it !== undefined).join("&"));
}

function headersOf(route: RouteDefinition): fc.Arbitrary<Record<string, string>> {
  const names = [...Object.keys(route.headers?.shape ?? {}), "range", "if-range", "if-none-match", "origin", "accept"];
  return fc.dictionary(fc.constantFrom(...names), fc.constantFrom(...nastyHeaders), { maxKeys: 2 });
}

function bodyOf(route: RouteDefinition): fc.Arbitrary<string | undefined> {
  if (route.upload) return fc.constantFrom(...nastyTexts);
  if (!route.body) return fc.constant(undefined);
  const body = valid(schemaOf(route.body));
  const json = fc.oneof({ weight: 1, arbitrary: body }, { weight: 6, arbitrary: corrupted(body) });
  return fc.oneof(
    { weight: 20, arbitrary: json.map((value) => JSON.stringify(value)) },
    fc.constantFrom(...nastyTexts, '{"a":', '{"a":1e999}', `${"[".repeat(20_000)}`),
  );
}

/** Requests of one route of the route table. A new route, parameter or field is included without a change here. */
export function requestsOf(name: RouteName, ids: KnownIds): fc.Arbitrary<FuzzRequest> {
  const route: RouteDefinition = routes[name];
  return fc
    .record({ path: pathOf(route, ids), query: queryOf(route), headers: headersOf(route), body: bodyOf(route) })
    .map(({ path, query, headers, body }) => ({ name, path: query === "" ? path : `${path}?${query}`, headers, body }));
}

/** Every query parameter and every field of the body with every nasty value, one at a time. */
export const eachParameterOf = (name: RouteName, ids: KnownIds): FuzzRequest[] => [
  ...queriesOf(name, ids),
  ...bodiesOf(name, ids),
];

/** The path with ids that exist. */
export function knownPathOf(route: RouteDefinition, ids: KnownIds): string {
  const parts = route.path.split("/");
  const known = parts.map((part, index) => (part.startsWith(":") ? idFor(part, parts[index - 1], ids) : part));
  return known.join("/");
}

const idFor = (part: string, collection: string | undefined, ids: KnownIds): string =>
  ids[part === ":id" ? (collection ?? "") : part] ?? "00000000-0000-4000-8000-000000000000";

function queriesOf(name: RouteName, ids: KnownIds): FuzzRequest[] {
  const route: RouteDefinition = routes[name];
  const values = [...nastyTexts.map(encoded), ...nastyEncodings];
  return Object.keys(route.query?.shape ?? {}).flatMap((parameter) =>
    values.map((value) => ({ name, path: `${knownPathOf(route, ids)}?${parameter}=${value}`, headers: {} })),
  );
}

function bodiesOf(name: RouteName, ids: KnownIds): FuzzRequest[] {
  const route: RouteDefinition = routes[name];
  if (!route.body) return [];
  const { properties = {}, required = [] } = schemaOf(route.body) as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  const base = Object.fromEntries(required.map((key) => [key, fc.sample(valid(properties[key] ?? {}), 1)[0]]));
  const path = knownPathOf(route, ids);
  return Object.keys(properties).flatMap((key) =>
    nastyJson.map((nasty) => ({ name, path, headers: {}, body: JSON.stringify({ ...base, [key]: nasty }) })),
  );
}
