import { z } from "zod";
import { endpoints } from "../../constants/index.ts";
import { ApiKey, CreateApiKeyRequest, NewApiKey } from "../api-keys.ts";
import type { RouteDefinition } from "../define-route.ts";
import { PageRequest, pageOf } from "../requests.ts";

export const apiKeyRoutes = {
  listApiKeys: {
    ...endpoints.listApiKeys,
    tag: "API keys",
    summary: "List the company's API keys, newest first, including revoked keys",
    caller: "manager",
    query: PageRequest,
    answer: { status: 200, description: "One page.", body: pageOf(ApiKey) },
  },
  createApiKey: {
    ...endpoints.createApiKey,
    tag: "API keys",
    summary: "Create an API key; the secret is returned only once",
    caller: "manager",
    body: CreateApiKeyRequest,
    answer: { status: 201, description: "The key, with its secret.", body: NewApiKey },
    problems: [409],
  },
  revokeApiKey: {
    ...endpoints.revokeApiKey,
    tag: "API keys",
    summary: "Revoke an API key and close its WebSockets",
    caller: "manager",
    params: z.object({ id: z.uuid() }),
    answer: { status: 204, description: "The key is revoked." },
  },
} as const satisfies Record<string, RouteDefinition>;
