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
/** The first key signs, all verify. */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]];

const keyRequirement = "must be a private Ed25519 key as JSON Web Key, with kid, or an array of them";
const isProduction = () => !["development", "test"].includes(process.env.NODE_ENV ?? "");

/** Schema of TOKEN_SIGNING_KEY: one key, or a JSON array of keys. */
export const signingKeys = z.string().transform((text, context): SigningKeys => {
  const keys = parseKeys(text);
  const kids = keys?.map(({ kid }) => kid) ?? [];
  if (!keys) context.addIssue(keyRequirement);
  else if (new Set(kids).size < kids.length) context.addIssue("has two keys with the same kid");
  else if (isProduction() && kids.some((kid) => /demo|example|test|change-?me|insecure/i.test(kid)))
    context.addIssue("is a demo key: create a random one for production");
  return keys ?? z.NEVER;
});

/** Returns undefined if a key is invalid. */
function parseKeys(text: string): SigningKeys | undefined {
  try {
    const [first, ...others] = [JSON.parse(text)].flat().map(parseKey);
    return first && [first, ...others];
  } catch {
    return undefined;
  }
}

/** Throws for an invalid key, also when the public key does not belong to the private key. */
function parseKey(value: unknown): SigningKey {
  const key = Jwk.parse(value);
  const publicKey = createPublicKey(createPrivateKey({ format: "jwk", key }));
  if (publicKey.export({ format: "jwk" }).x !== key.x) throw new Error("the public key belongs to another private key");
  return key;
}
