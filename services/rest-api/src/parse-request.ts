import type { Problem, RouteDefinition } from "@syszap/contracts";
import type { Request } from "express";
import { z } from "zod";
import { ProblemError } from "./problem.ts";

type FieldErrors = NonNullable<Problem["errors"]>;
/** Limits the size of the response to a request with very many invalid fields. */
const maxErrors = 20;

const noFields = z.object({});
const maxNameLength = 100;

function describe(issue: z.core.$ZodIssue, wholeName: string): FieldErrors {
  if (issue.code !== "unrecognized_keys") return [{ path: issue.path.join(".") || wholeName, message: issue.message }];
  const names = issue.keys.slice(0, maxErrors).map((name) => name.slice(0, maxNameLength));
  return names.map((path) => ({ path, message: "is not a query parameter of this endpoint" }));
}

/** Parses the path parameters. A malformed id is answered with 404, like an unknown id. */
export function parsePath(schema: z.ZodObject, params: Request["params"]): unknown {
  const result = schema.safeParse(params);
  if (result.success) return result.data;
  throw new ProblemError("not_found", "The id or name in the path is malformed. Check the path.");
}

/**
 * Returns a function that parses query, headers and body, and reports all invalid fields at once. Unknown query parameters are refused, because a
 * misspelled filter would otherwise return everything. Unknown headers and fields of a body are ignored.
 */
export function requestParser(route: RouteDefinition) {
  let query: z.ZodObject | undefined;
  return (req: Request) => {
    query ??= (route.query ?? noFields).strict();
    return parseRequest({ ...route, query }, req);
  };
}

function parseRequest(route: RouteDefinition, req: Request) {
  const errors: FieldErrors = [];
  const parse = (schema: z.ZodObject | undefined, value: unknown, wholeName: string) => {
    if (!schema) return undefined;
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues) errors.push(...describe(issue, wholeName));
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
