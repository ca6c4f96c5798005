import { createHash, randomBytes } from "node:crypto";
import { apiKeyPrefix } from "@syszap/contracts";

const hintLength = apiKeyPrefix.length + 5;

/** Creates a secret of 256 random bits, its visible first characters and its hash. */
export function newApiKeySecret(): { secret: string; hint: string; secretHash: Buffer } {
  const secret = apiKeyPrefix + randomBytes(32).toString("base64url");
  return { secret, hint: secret.slice(0, hintLength), secretHash: hashApiKey(secret) };
}

export const isApiKey = (token: string) => token.startsWith(apiKeyPrefix);

/**
 * Returns the SHA-256 of the secret. A slow hash would only protect secrets that can be guessed, and every request computes
 * this.
 */
export const hashApiKey = (secret: string): Buffer => createHash("sha256").update(secret).digest();
