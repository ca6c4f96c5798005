import { z } from "zod";
import {
  apiKeyPrefix,
  type Caller,
  Chat,
  Client,
  CompanySettings,
  Consumer,
  HealthAnswer,
  KeySet,
  LoginAnswer,
  Me,
  Message,
  maxJsonBodyBytes,
  OperatorLoginAnswer,
  operatorCookieName,
  PlatformCompany,
  PlatformHealth,
  Problem,
  problemStatusesOf,
  problemTypes,
  RealtimeStats,
  RealtimeTicket,
  type RouteDefinition,
  refreshCookieName,
  routes,
  Session,
  SessionDetails,
  SessionQr,
  sessionManagers,
  Team,
} from "../src/index.ts";
import { type JsonObject, toComponents, toSchema } from "./json-schema.ts";

const named = {
  Chat,
  Client,
  CompanySettings,
  Consumer,
  HealthAnswer,
  KeySet,
  LoginAnswer,
  Me,
  Message,
  Problem,
  OperatorLoginAnswer,
  PlatformCompany,
  PlatformHealth,
  RealtimeStats,
  RealtimeTicket,
  Session,
  SessionDetails,
  SessionQr,
  Team,
};
const managers = sessionManagers.join(" and ");
const callers: Record<Caller, { note: string; security: JsonObject[] }> = {
  anyone: { note: "No credentials required.", security: [] },
  refresh_cookie: {
    note: "Requires the refresh cookie and, from browsers, an allowed `Origin`.",
    security: [{ refreshCookie: [] }],
  },
  operator_cookie: {
    note: "Requires the operator's cookie and, from browsers, an allowed `Origin`.",
    security: [{ operatorCookie: [] }],
  },
  member: { note: "For all users of the company.", security: [{ accessToken: [] }] },
  manager: { note: `For ${managers} of the company.`, security: [{ accessToken: [] }] },
  operator: { note: "For operators of the platform.", security: [{ operatorToken: [] }] },
  manager_or_operator: {
    note: `For ${managers} of the company, and for operators of the platform.`,
    security: [{ accessToken: [] }, { operatorToken: [] }],
  },
};

/** OpenAPI 3.1 document of all operations in `routes`. */
export function openApi(): JsonObject {
  const paths: { [path: string]: JsonObject } = {};
  for (const [operationId, route] of Object.entries<RouteDefinition>(routes)) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method]: operation(operationId, route) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "sysZap REST API",
      version: "1.0.0",
      description:
        "Requests of users and programs. Events arrive over the WebSocket: see asyncapi.yaml. " +
        "Clients must ignore unknown fields. Unknown query parameters are refused with 422. Bodies are plain JSON in UTF-8, " +
        `at most ${maxJsonBodyBytes} bytes; other encodings and compressed bodies are refused with 415, invalid UTF-8 with 400. Each answer has an \`X-Request-Id\` that names ` +
        "the request in the logs; an id in the same header of the request is kept.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "The origin of the web app" }],
    tags: [...new Set(Object.values(routes).map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: toComponents(named),
      responses: problemResponses(),
      securitySchemes: {
        accessToken: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        apiKey: {
          type: "http",
          scheme: "bearer",
          description: `Starts with \`${apiKeyPrefix}\`. Each operation lists its scopes; one of them is sufficient.`,
        },
        operatorToken: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        operatorCookie: { type: "apiKey", in: "cookie", name: operatorCookieName },
        refreshCookie: { type: "apiKey", in: "cookie", name: refreshCookieName },
      },
    },
  };
}

function operation(operationId: string, route: RouteDefinition): JsonObject {
  const parameters = [
    ...parametersOf("path", route.params),
    ...parametersOf("query", route.query),
    ...parametersOf("header", route.headers),
  ];
  return {
    operationId,
    tags: [route.tag],
    summary: route.summary,
    description: callers[route.caller].note + (route.scopes ? ` API keys: ${route.scopes.join(" or ")}.` : ""),
    security: [...callers[route.caller].security, ...(route.scopes ? [{ apiKey: [] }] : [])],
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && {
      requestBody: {
        required: route.mayOmitBody !== true,
        content: { "application/json": { schema: toSchema(route.body, "input", "draft-2020-12") } },
      },
    }),
    ...(route.upload && {
      requestBody: { required: true, content: { "*/*": { schema: { type: "string", format: "binary" } } } },
    }),
    responses: {
      [route.answer.status]: answerOf(route.answer),
      ...Object.fromEntries(
        problemStatusesOf(route).map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]),
      ),
    },
  };
}

function parametersOf(location: "path" | "query" | "header", schema: z.ZodObject | undefined): JsonObject[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => ({
    name: location === "header" ? headerCase(name) : name,
    in: location,
    required: !z.safeParse(field, undefined).success,
    schema: toSchema(field as z.ZodType, "input", "draft-2020-12"),
  }));
}
const headerCase = (name: string) => name.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase());

function answerOf({ description, body, mediaType }: RouteDefinition["answer"]): JsonObject {
  if (mediaType) return { description, content: { [mediaType]: {} } };
  if (!body) return { description };
  return { description, content: { "application/json": { schema: reference(body) } } };
}

/** Refers to named schemas, also inside the pages and lists that are composed for one answer. */
function reference(schema: z.ZodType): JsonObject {
  const name = Object.entries(named).find(([, candidate]) => candidate === schema)?.[0];
  if (name) return { $ref: `#/components/schemas/${name}` };
  if (schema instanceof z.ZodArray) return { type: "array", items: reference(schema.element as z.ZodType) };
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries(schema.shape as Record<string, z.ZodType>);
    return {
      type: "object",
      properties: Object.fromEntries(fields.map(([key, field]) => [key, reference(field)])),
      required: fields.map(([key]) => key),
    };
  }
  return toSchema(schema, "output", "draft-2020-12");
}

function problemResponses(): JsonObject {
  const types = Object.values(problemTypes);
  return Object.fromEntries(
    [...new Set(types.map(({ status }) => status))].map((status) => [
      `Problem${status}`,
      {
        description: types
          .filter((type) => type.status === status)
          .map(({ title, type }) => `${title} (\`${type}\`)`)
          .join("; "),
        ...([429, 503].includes(status) && {
          headers: { "Retry-After": { description: "Seconds to wait", schema: { type: "integer" } } },
        }),
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    ]),
  );
}
