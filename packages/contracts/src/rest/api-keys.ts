import { z } from "zod";
import { apiKeyScopes, maxApiKeyNameLength } from "../constants/index.ts";
import { Timestamp } from "../vocabulary.ts";
import { visibleText } from "./requests.ts";

/** Prefix of every secret, so that secret scanners find leaked keys. */
export const apiKeyPrefix = "syszap_";

export const ApiKeyScope = z
  .enum(apiKeyScopes)
  .describe(
    "send: write to clients; read: clients, chats, messages, files, events; sessions: link and unlink phones; manage:webhooks: webhook endpoints and their deliveries",
  );
export type ApiKeyScope = z.infer<typeof ApiKeyScope>;

/** A key with which a program uses the API on behalf of its creator. It ends with the creator's account. */
export const ApiKey = z.object({
  id: z.uuid(),
  userId: z.uuid().describe("the creator"),
  name: z.string(),
  scopes: z.array(ApiKeyScope),
  hint: z.string().describe("first characters of the secret"),
  expiresAt: Timestamp.nullable(),
  lastUsedAt: Timestamp.nullable().describe("accurate to the minute"),
  revokedAt: Timestamp.nullable(),
  createdAt: Timestamp,
});
export type ApiKey = z.infer<typeof ApiKey>;
export const NewApiKey = ApiKey.extend({ secret: z.string().describe("returned only once") });
export type NewApiKey = z.infer<typeof NewApiKey>;

export const CreateApiKeyRequest = z.object({
  name: visibleText(maxApiKeyNameLength),
  scopes: z
    .array(ApiKeyScope)
    .min(1)
    .max(ApiKeyScope.options.length)
    .transform((scopes) => [...new Set(scopes)]),
  expiresAt: z.iso.datetime().optional(),
});
