// Prints a new private Ed25519 key as a JSON Web Key (JWK), for TOKEN_SIGNING_KEY.
import { generateKeyPairSync, randomBytes } from "node:crypto";

const { privateKey } = generateKeyPairSync("ed25519");
const key = { ...privateKey.export({ format: "jwk" }), kid: randomBytes(8).toString("hex"), alg: "EdDSA", use: "sig" };
console.log(JSON.stringify(key));
