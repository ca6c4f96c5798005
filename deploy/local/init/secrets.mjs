// Makes secrets. Uses only Node's built-in modules, so that it runs before anything is installed.
import { createECDH, generateKeyPairSync, randomBytes } from "node:crypto";

/** Letters and digits only, because it becomes part of a URL. */
const password = () => randomBytes(24).toString("hex");

/** 32 bytes. */
const encryptionKey = () => randomBytes(32).toString("base64");

/** A private Ed25519 key as JSON Web Key. */
function signingKey() {
  const { privateKey } = generateKeyPairSync("ed25519");
  const kid = randomBytes(8).toString("hex");
  return JSON.stringify({ ...privateKey.export({ format: "jwk" }), kid, alg: "EdDSA", use: "sig" });
}

/** The key pair of push notices (VAPID), in base64url. */
export function vapidKeys() {
  const pair = createECDH("prime256v1");
  pair.generateKeys();
  const privateKey = pair.getPrivateKey();
  // OpenSSL omits leading zeros.
  const padded = Buffer.concat([Buffer.alloc(32 - privateKey.length), privateKey]);
  return { publicKey: pair.getPublicKey("base64url"), privateKey: padded.toString("base64url") };
}

/** Makes a value for the variable of this name. Returns undefined for a variable that is no secret. */
export function makeSecret(name) {
  if (name === "TOKEN_SIGNING_KEY") return signingKey();
  if (/_ENCRYPTION_KEY$/.test(name)) return encryptionKey();
  return /_PASSWORD$/.test(name) ? password() : undefined;
}
