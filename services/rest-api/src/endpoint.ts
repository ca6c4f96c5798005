import { isUtf8 } from "node:buffer";
import {
  type Caller as CallerKind,
  maxJsonBodyBytes,
  type RouteDefinition,
  type RouteName,
  type Routes,
  routes,
} from "@syszap/contracts";
import { json, type Request, type RequestHandler, type Response, Router } from "express";
import type { z } from "zod";
import { type Caller, type OperatorCaller, requiresToken } from "./auth/guard.ts";
import { interrupted, isInterrupted } from "./interrupted.ts";
import { parsePath, requestParser } from "./parse-request.ts";
import { ProblemError } from "./problem.ts";

type Part<Route, Key extends string> = Route extends { [K in Key]: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : undefined;
type AnswerOf<Route> = Route extends { answer: { body: infer Schema extends z.ZodType } }
  ? z.output<Schema>
  : undefined;

type CallerOf<Kind extends CallerKind> = {
  anyone: undefined;
  refresh_cookie: undefined;
  operator_cookie: undefined;
  member: Caller;
  manager: Caller;
  operator: OperatorCaller;
  manager_or_operator: Caller | OperatorCaller;
}[Kind];

/** Input of a handler: all parts parsed with the schemas of the route, and the caller when the route requires a token. */
export interface RequestOf<Name extends RouteName> {
  params: Part<Routes[Name], "params">;
  query: Part<Routes[Name], "query">;
  headers: Part<Routes[Name], "headers">;
  body: Part<Routes[Name], "body">;
  caller: CallerOf<Routes[Name]["caller"]>;
  req: Request;
  res: Response;
}
/** Resolves to the response body, or to undefined when the response has none or the handler has already sent it. */
export type Handler<Name extends RouteName> = (request: RequestOf<Name>) => Promise<AnswerOf<Routes[Name]> | undefined>;
/** One handler for each endpoint in `routes`. A missing handler is a compile error. */
export type Handlers = { [Name in RouteName]: Handler<Name> };
/** The handlers of one file in `routes/`. */
export type HandlersOf<Name extends RouteName> = Pick<Handlers, Name>;

export interface Guards {
  /** Authenticates and authorises. Runs before the body is read. */
  admit: (route: RouteDefinition) => RequestHandler[];
  /** Rate limiters. Run after the body is read. */
  limits: { [Name in RouteName]?: RequestHandler[] };
  callerOf: (res: Response) => Caller | OperatorCaller;
}

/** Compressed bodies are refused: they could expand to many times their size, and their end is not noticed when they are cut. */
const readJson = [requireJson, json({ limit: maxJsonBodyBytes, inflate: false, verify: requireUtf8 })];

/** Creates a router with all endpoints of `routes`, and only those. */
export function mountEndpoints(handlers: Handlers, guards: Guards): Router {
  const router = Router();
  for (const name of Object.keys(routes) as RouteName[]) {
    const route: RouteDefinition = routes[name];
    router[route.method](
      route.path,
      nameOperation(name),
      ...guards.admit(route),
      ...(route.body ? readJson : []),
      ...(guards.limits[name] ?? []),
      endpoint(route, handlers[name] as AnyHandler, guards),
    );
  }
  for (const path of new Set(Object.values(routes).map((route) => route.path)))
    router.all(path, rejectOtherMethods(path));
  return router;
}

type AnyHandler = (request: Record<keyof RequestOf<RouteName>, unknown>) => Promise<unknown>;

function endpoint(route: RouteDefinition, handle: AnyHandler, guards: Guards): RequestHandler {
  const parse = requestParser(route);
  return async (req, res) => {
    const params = route.params && parsePath(route.params, req.params);
    const { query, headers, body } = parse(req);
    const caller = requiresToken(route.caller) ? guards.callerOf(res) : undefined;
    const answer = await handle({ params, query, headers, body, caller, req, res });
    if (res.headersSent) return;
    res.status(route.answer.status);
    if (answer === undefined) res.end();
    else res.json(answer);
  };
}

/** Stores the endpoint's name for metrics. */
const nameOperation =
  (name: RouteName): RequestHandler =>
  (_req, res, next) => {
    res.locals.operation = name;
    next();
  };

/** Accepts JSON bodies only. For JSON, browsers must send a CORS preflight before a cross-origin request. */
function requireJson(req: Request, _res: Response, next: () => void): void {
  // The body parser would treat the body of a closed connection as absent.
  if (isInterrupted(req)) throw interrupted();
  // Express reports a wrong type for an empty body. The schema reports the missing fields later.
  if (req.get("content-length") !== "0" && req.is("application/json") === false)
    throw new ProblemError("unsupported_media_type", "Send the body as JSON, with `Content-Type: application/json`.");
  next();
}

/** Rejects bytes that are not UTF-8. The body parser would replace them, and store a text that nobody has written. */
function requireUtf8(_req: unknown, _res: unknown, body: Buffer, encoding: string): void {
  if (encoding !== "utf-8")
    throw new ProblemError("unsupported_media_type", "Send the body as JSON in UTF-8, without another `charset`.");
  if (!isUtf8(body))
    throw new ProblemError("malformed", "The body is not valid UTF-8. Encode the text as UTF-8 before sending it.");
}

function rejectOtherMethods(path: string): RequestHandler {
  const methods = Object.values<RouteDefinition>(routes)
    .filter((route) => route.path === path)
    .map(({ method }) => method.toUpperCase());
  const allowed = methods.join(", ");
  return () => {
    throw new ProblemError("method_not_allowed", `This path supports only ${allowed}.`, {
      headers: { Allow: allowed },
    });
  };
}
