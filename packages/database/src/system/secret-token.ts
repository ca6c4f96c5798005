import { createHash, randomBytes } from "node:crypto";

const tokenBytes = 32;

/** Creates a token of 256 random bits. The database stores only its hash. */
export function newSecretToken(): { token: string; hash: Buffer } {
  const token = randomBytes(tokenBytes).toString("base64url");
  return { token, hash: hashOfToken(token) };
}

export const hashOfToken = (token: string): Buffer => createHash("sha256").update(token).digest();
