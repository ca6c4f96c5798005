import type { z } from "zod";
import type { Endpoint } from "../constants/index.ts";
import type { ApiKeyScope } from "./api-keys.ts";

/**
 * Who may call: anyone; whoever holds a refresh cookie (and comes from an allowed origin); every signed-in member of a company;
 * only its managers (`sessionManagers`); only those who run the platform; managers for their company and operators for all.
 */
export type Caller = "anyone" | "refresh_cookie" | "member" | "manager" | "operator" | "manager_or_operator";

/** One endpoint, as documented and as mounted. */
export interface RouteDefinition extends Endpoint {
  tag: string;
  summary: string;
  caller: Caller;
  /** An API key with any of these may call, too, whatever role the endpoint asks of people. None: no key ever does. */
  scopes?: readonly ApiKeyScope[];
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: z.ZodObject;
  /** A request without a body is one with an empty object. */
  mayOmitBody?: true;
  /** The whole body is a file of any type, read by the handler. */
  upload?: true;
  answer: {
    status: 200 | 201 | 202 | 204;
    description: string;
    body?: z.ZodType;
    /** For answers that are no JSON. */
    mediaType?: string;
  };
  /** Beyond those that follow from caller, params and body: see `problemStatusesOf`. */
  problems?: readonly number[];
}

/** Every status with which this endpoint may refuse, in ascending order. */
export function problemStatusesOf(route: RouteDefinition): number[] {
  const statuses = new Set<number>(route.problems ?? []);
  if (route.caller !== "anyone") statuses.add(401);
  if (route.caller !== "anyone" && route.caller !== "member") statuses.add(403);
  if (route.scopes) for (const status of [403, 429]) statuses.add(status);
  if (route.params) statuses.add(404);
  if (route.query || route.headers || route.body) statuses.add(422);
  if (route.body) for (const status of [400, 413, 415]) statuses.add(status);
  for (const status of [500, 503]) statuses.add(status);
  return [...statuses].sort((a, b) => a - b);
}
