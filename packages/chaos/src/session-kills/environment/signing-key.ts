import { generateKeyPairSync, randomBytes } from "node:crypto";

/** Value of TOKEN_SIGNING_KEY. */
export function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync("ed25519");
  return JSON.stringify({ ...privateKey.export({ format: "jwk" }), kid: randomBytes(8).toString("hex") });
}
