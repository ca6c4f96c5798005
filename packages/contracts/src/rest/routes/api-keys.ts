import { z } from "zod";
import { endpoints } from "../../constants/index.ts";
import { ApiKey, CreateApiKeyRequest, NewApiKey } from "../api-keys.ts";
import type { RouteDefinition } from "../define-route.ts";
import { PageRequest, pageOf } from "../requests.ts";

const shared = { tag: "API keys", caller: "manager" } as const;

export const apiKeyRoutes = {
  listApiKeys: {
    ...endpoints.listApiKeys,
    ...shared,
    summary: "List the company's API keys, newest first, including revoked keys",
    query: PageRequest,
    answer: { status: 200, description: "One page.", body: pageOf(ApiKey) },
  },
  createApiKey: {
    ...endpoints.createApiKey,
    ...shared,
    summary: "Create an API key; the secret is returned only once",
    body: CreateApiKeyRequest,
    answer: { status: 201, description: "The key, with its secret.", body: NewApiKey },
    problems: [409],
  },
  revokeApiKey: {
    ...endpoints.revokeApiKey,
    ...shared,
    summary: "Revoke an API key and close its WebSockets",
    params: z.object({ id: z.uuid() }),
    answer: { status: 204, description: "The key is revoked." },
  },
} as const satisfies Record<string, RouteDefinition>;
