import type { z } from "zod";
import type { Endpoint } from "../constants/index.ts";
import type { ApiKeyScope } from "./api-keys.ts";

/**
 * The callers that an operation accepts. `refresh_cookie`: a browser with a refresh cookie and an allowed origin.
 * `operator_cookie`: the same for the cookie of an operator. `member`: any user of a company. `manager`: users whose role is in
 * `sessionManagers`. `operator`: operators of the platform. `manager_or_operator`: managers for their own company, operators for all.
 */
export type Caller =
  | "anyone"
  | "refresh_cookie"
  | "operator_cookie"
  | "member"
  | "manager"
  | "operator"
  | "manager_or_operator";

/** A REST operation, as mounted and documented. */
export interface RouteDefinition extends Endpoint {
  tag: string;
  summary: string;
  caller: Caller;
  /** An API key with any of these scopes may call too, regardless of `caller`. Absent: API keys are refused. */
  scopes?: readonly ApiKeyScope[];
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: z.ZodObject;
  /** A missing body counts as an empty object. */
  mayOmitBody?: true;
  /** The request body is a file of any type. The handler reads it. */
  upload?: true;
  answer: {
    status: 200 | 201 | 202 | 204;
    description: string;
    body?: z.ZodType;
    /** Media type of an answer that is not JSON. */
    mediaType?: string;
  };
  /** Problem statuses in addition to those that `problemStatusesOf` derives. */
  problems?: readonly number[];
}

/** Returns all problem statuses that the operation may answer with, in ascending order. */
export function problemStatusesOf(route: RouteDefinition): number[] {
  const statuses = new Set<number>(route.problems ?? []);
  if (route.caller !== "anyone") statuses.add(401);
  if (route.caller !== "anyone" && route.caller !== "member") statuses.add(403);
  if (route.scopes) for (const status of [403, 429]) statuses.add(status);
  if (route.params) statuses.add(404);
  statuses.add(422); // at least for unknown query parameters
  if (route.body) for (const status of [400, 413, 415]) statuses.add(status);
  for (const status of [500, 503]) statuses.add(status);
  return [...statuses].sort((a, b) => a - b);
}
