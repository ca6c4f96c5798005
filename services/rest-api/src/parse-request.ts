import type { Problem, RouteDefinition } from "@syszap/contracts";
import type { Request } from "express";
import type { z } from "zod";
import { ProblemError } from "./problem.ts";

type Faults = NonNullable<Problem["errors"]>;
/** A client that sends thousands of bad fields need not hear of each. */
const maxFaults = 20;

/** An id that can't be one names nothing, so it is answered like one that is not there. */
export function parsePath(schema: z.ZodObject, params: Request["params"]): unknown {
  const result = schema.safeParse(params);
  if (result.success) return result.data;
  throw new ProblemError("not_found", "The id in the path is not a UUID, so nothing has it. Check the path.");
}

/** Everything that a route expects beside its path; all faults are told at once. */
export function parseRequest(route: RouteDefinition, req: Request) {
  const faults: Faults = [];
  const parse = (schema: z.ZodObject | undefined, value: unknown, whole: string) => {
    if (!schema) return undefined;
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const { path, message } of result.error.issues) faults.push({ path: path.join(".") || whole, message });
  };
  const parsed = {
    query: parse(route.query, req.query, "query"),
    headers: parse(route.headers, req.headers, "headers"),
    body: parse(route.body, route.mayOmitBody ? (req.body ?? {}) : req.body, "body"),
  };
  if (faults.length > 0)
    throw new ProblemError("invalid", "Correct the fields named in `errors` and send it again.", {
      errors: faults.slice(0, maxFaults),
    });
  return parsed;
}
