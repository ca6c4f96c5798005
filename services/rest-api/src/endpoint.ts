import {
  type Caller as CallerKind,
  type RouteDefinition,
  type RouteName,
  type Routes,
  routes,
} from "@syszap/contracts";
import { json, type Request, type RequestHandler, type Response, Router } from "express";
import type { z } from "zod";
import type { Caller, OperatorCaller } from "./auth/guard.ts";
import { parsePath, parseRequest } from "./parse-request.ts";
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
  member: Caller;
  manager: Caller;
  operator: OperatorCaller;
  manager_or_operator: Caller | OperatorCaller;
}[Kind];

/** What a handler gets: everything parsed by the route's own schemas, and who calls where the route asks for a token. */
export interface RequestOf<Name extends RouteName> {
  params: Part<Routes[Name], "params">;
  query: Part<Routes[Name], "query">;
  headers: Part<Routes[Name], "headers">;
  body: Part<Routes[Name], "body">;
  caller: CallerOf<Routes[Name]["caller"]>;
  req: Request;
  res: Response;
}
/** Resolves to the answer's body. One that wrote the answer itself resolves to nothing. */
export type Handler<Name extends RouteName> = (request: RequestOf<Name>) => Promise<AnswerOf<Routes[Name]> | undefined>;
/** One for each endpoint in `routes`: a missing one does not compile. */
export type Handlers = { [Name in RouteName]: Handler<Name> };
/** Some of them, from one file in `routes/`. */
export type HandlersOf<Name extends RouteName> = Pick<Handlers, Name>;

export interface Guards {
  /** Runs first: who calls, and may they? */
  admit: (route: RouteDefinition) => RequestHandler[];
  /** Runs when the body is known. */
  limits: { [Name in RouteName]?: RequestHandler[] };
  callerOf: (res: Response) => Caller | OperatorCaller;
}

/** A text of 65,535 characters as JSON escapes takes 6 bytes for each. */
const bodyLimit = "512kb";
const readJson = [requireJson, json({ limit: bodyLimit })];

/** Mounts every endpoint of `routes` and nothing else. */
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
  for (const path of new Set(Object.values(routes).map((route) => route.path))) router.all(path, refuseMethod(path));
  return router;
}

type AnyHandler = (request: Record<keyof RequestOf<RouteName>, unknown>) => Promise<unknown>;

function endpoint(route: RouteDefinition, handle: AnyHandler, guards: Guards): RequestHandler {
  const isSignedIn = route.caller !== "anyone" && route.caller !== "refresh_cookie";
  return async (req, res) => {
    const params = route.params && parsePath(route.params, req.params);
    const { query, headers, body } = parseRequest(route, req);
    const caller = isSignedIn ? guards.callerOf(res) : undefined;
    const answer = await handle({ params, query, headers, body, caller, req, res });
    if (res.headersSent) return;
    res.status(route.answer.status);
    if (answer === undefined) res.end();
    else res.json(answer);
  };
}

/** For metrics: which endpoint a request was for. */
const nameOperation =
  (name: RouteName): RequestHandler =>
  (_req, res, next) => {
    res.locals.operation = name;
    next();
  };

/** A browser may send other types across origins without asking first; JSON it may not. */
function requireJson(req: Request, _res: Response, next: () => void): void {
  // Express takes a body of no bytes for one of another type; what is missing is named later.
  if (req.get("content-length") !== "0" && req.is("application/json") === false)
    throw new ProblemError("unsupported_media_type", "Send the body as JSON, with `Content-Type: application/json`.");
  next();
}

function refuseMethod(path: string): RequestHandler {
  const methods = Object.values<RouteDefinition>(routes)
    .filter((route) => route.path === path)
    .map(({ method }) => method.toUpperCase());
  const allowed = methods.join(", ");
  return () => {
    throw new ProblemError("method_not_allowed", `This path answers to ${allowed} only.`, {
      headers: { Allow: allowed },
    });
  };
}
