import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

export interface Secrets {
  ownerPassword: string;
  appPassword: string;
  systemPassword: string;
  redisPassword: string;
  /** Private Ed25519 JWK as JSON. */
  tokenSigningKey: string;
  /** 32 bytes in base64. */
  accountEncryptionKey: string;
  sessionEncryptionKey: string;
}

/** Reads the secrets file, or creates it with random secrets. The file is readable by its owner only. */
export function loadOrCreateSecrets(file: string): Secrets {
  const existing: Partial<Secrets> = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const secrets = { ...createSecrets(), ...existing };
  // Also when the file exists: an older version may have written it without the newer secrets.
  writeFileSync(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return secrets;
}

function createSecrets(): Secrets {
  const password = () => randomBytes(24).toString("hex");
  const { privateKey } = generateKeyPairSync("ed25519");
  const jwk = {
    ...privateKey.export({ format: "jwk" }),
    kid: randomBytes(8).toString("hex"),
    alg: "EdDSA",
    use: "sig",
  };
  return {
    ownerPassword: password(),
    appPassword: password(),
    systemPassword: password(),
    redisPassword: password(),
    tokenSigningKey: JSON.stringify(jwk),
    accountEncryptionKey: randomBytes(32).toString("base64"),
    sessionEncryptionKey: randomBytes(32).toString("base64"),
  };
}
