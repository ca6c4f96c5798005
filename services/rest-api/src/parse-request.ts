import type { Problem, RouteDefinition } from "@syszap/contracts";
import type { Request } from "express";
import type { z } from "zod";
import { ProblemError } from "./problem.ts";

type FieldErrors = NonNullable<Problem["errors"]>;
/** Limits the size of the response to a request with very many invalid fields. */
const maxErrors = 20;

/** Parses the path parameters. A malformed id is answered with 404, like an unknown id. */
export function parsePath(schema: z.ZodObject, params: Request["params"]): unknown {
  const result = schema.safeParse(params);
  if (result.success) return result.data;
  throw new ProblemError("not_found", "The id or name in the path is malformed. Check the path.");
}

/** Parses query, headers and body, and reports all invalid fields at once. */
export function parseRequest(route: RouteDefinition, req: Request) {
  const errors: FieldErrors = [];
  const parse = (schema: z.ZodObject | undefined, value: unknown, wholeName: string) => {
    if (!schema) return undefined;
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const { path, message } of result.error.issues) errors.push({ path: path.join(".") || wholeName, message });
  };
  const parsed = {
    query: parse(route.query, req.query, "query"),
    headers: parse(route.headers, req.headers, "headers"),
    body: parse(route.body, route.mayOmitBody ? (req.body ?? {}) : req.body, "body"),
  };
  if (errors.length > 0)
    throw new ProblemError("invalid", "Correct the fields listed in `errors` and try again.", {
      errors: errors.slice(0, maxErrors),
    });
  return parsed;
}
