import { z } from "zod";
import { endpoints } from "../../constants/index.ts";
import { ApiKey, CreateApiKeyRequest, NewApiKey } from "../api-keys.ts";
import type { RouteDefinition } from "../define-route.ts";
import { PageRequest, pageOf } from "../requests.ts";

export const apiKeyRoutes = {
  listApiKeys: {
    ...endpoints.listApiKeys,
    tag: "API keys",
    summary: "The company's API keys, newest first, revoked ones too",
    caller: "manager",
    query: PageRequest,
    answer: { status: 200, description: "One page.", body: pageOf(ApiKey) },
  },
  createApiKey: {
    ...endpoints.createApiKey,
    tag: "API keys",
    summary: "Make a key for a program; its secret is shown this once",
    caller: "manager",
    body: CreateApiKeyRequest,
    answer: { status: 201, description: "The key, with its secret.", body: NewApiKey },
    problems: [409],
  },
  revokeApiKey: {
    ...endpoints.revokeApiKey,
    tag: "API keys",
    summary: "End a key at once; its WebSockets are closed",
    caller: "manager",
    params: z.object({ id: z.uuid() }),
    answer: { status: 204, description: "Revoked, now or before." },
  },
} as const satisfies Record<string, RouteDefinition>;
