import { z } from "zod";
import { apiKeyScopes, maxApiKeyNameLength } from "../constants/index.ts";
import { Timestamp } from "../vocabulary.ts";
import { storable } from "./requests.ts";

/** How every secret begins: scanners of repositories and logs find what was leaked. */
export const apiKeyPrefix = "syszap_";

export const ApiKeyScope = z
  .enum(apiKeyScopes)
  .describe(
    "send: write to customers; read: clients, chats, messages, files, events; sessions: link and unlink phones",
  );
export type ApiKeyScope = z.infer<typeof ApiKeyScope>;

/** Lets a program use the API, in the name of whoever made it. Ended with its maker's account. */
export const ApiKey = z.object({
  id: z.uuid(),
  userId: z.uuid().describe("who made it"),
  name: z.string(),
  scopes: z.array(ApiKeyScope),
  hint: z.string().describe("how the secret begins"),
  expiresAt: Timestamp.nullable(),
  lastUsedAt: Timestamp.nullable().describe("exact to the minute"),
  revokedAt: Timestamp.nullable(),
  createdAt: Timestamp,
});
export type ApiKey = z.infer<typeof ApiKey>;
export const NewApiKey = ApiKey.extend({ secret: z.string().describe("shown now and never again") });
export type NewApiKey = z.infer<typeof NewApiKey>;

export const CreateApiKeyRequest = z.object({
  name: storable(z.string().trim().min(1).max(maxApiKeyNameLength)),
  scopes: z
    .array(ApiKeyScope)
    .min(1)
    .max(ApiKeyScope.options.length)
    .transform((scopes) => [...new Set(scopes)]),
  expiresAt: z.iso.datetime().optional(),
});
