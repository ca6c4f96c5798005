import { createPrivateKey, createPublicKey } from "node:crypto";
import { z } from "zod";

/** Ed25519 private key as JSON Web Key. The public key `x` and the id `kid` are published in the key set. */
export interface SigningKey {
  kty: "OKP";
  crv: "Ed25519";
  d: string;
  x: string;
  kid: string;
}
const Jwk = z.object({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  d: z.string(),
  x: z.string(),
  kid: z.string().min(1).max(100),
});
const keyRequirement = "must be a private Ed25519 key as JSON Web Key, with kid";
const isProduction = () => !["development", "test"].includes(process.env.NODE_ENV ?? "");

/** Schema of TOKEN_SIGNING_KEY. */
export const signingKey = z.string().transform((text, context): SigningKey => {
  const key = parseKey(text);
  if (!key) context.addIssue(keyRequirement);
  else if (isProduction() && /demo|example|test|change-?me|insecure/i.test(key.kid))
    context.addIssue("is a demo key: create a random one for production");
  return key ?? z.NEVER;
});

/** Returns undefined for an invalid key, also when the public key does not belong to the private key. */
function parseKey(text: string): SigningKey | undefined {
  try {
    const key = Jwk.parse(JSON.parse(text));
    const publicKey = createPublicKey(createPrivateKey({ format: "jwk", key }));
    return publicKey.export({ format: "jwk" }).x === key.x ? key : undefined;
  } catch {
    return undefined;
  }
}
