import { createHash, randomBytes } from "node:crypto";
import { apiKeyPrefix } from "@syszap/contracts";

const hintLength = apiKeyPrefix.length + 5;

/** 256 random bits. */
export function newApiKeySecret(): { secret: string; hint: string; secretHash: Buffer } {
  const secret = apiKeyPrefix + randomBytes(32).toString("base64url");
  return { secret, hint: secret.slice(0, hintLength), secretHash: hashApiKey(secret) };
}

export const isApiKey = (token: string) => token.startsWith(apiKeyPrefix);

/** A plain SHA-256: slow hashes protect what people think up, and nobody guesses 256 random bits. So each request can afford it. */
export const hashApiKey = (secret: string): Buffer => createHash("sha256").update(secret).digest();
