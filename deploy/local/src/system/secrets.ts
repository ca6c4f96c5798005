import { createECDH, generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

export interface Secrets {
  ownerPassword: string;
  appPassword: string;
  systemPassword: string;
  backupPassword: string;
  redisPassword: string;
  /** Private Ed25519 JWK as JSON. */
  tokenSigningKey: string;
  /** 32 bytes in base64. */
  accountEncryptionKey: string;
  sessionEncryptionKey: string;
  /** P-256 key pair of push notices, in base64url. */
  vapid: { publicKey: string; privateKey: string };
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
    backupPassword: password(),
    redisPassword: password(),
    tokenSigningKey: JSON.stringify(jwk),
    accountEncryptionKey: randomBytes(32).toString("base64"),
    sessionEncryptionKey: randomBytes(32).toString("base64"),
    vapid: createVapidKeys(),
  };
}

function createVapidKeys(): Secrets["vapid"] {
  const pair = createECDH("prime256v1");
  pair.generateKeys();
  return { publicKey: pair.getPublicKey("base64url"), privateKey: padded(pair.getPrivateKey()).toString("base64url") };
}

/** OpenSSL omits leading zeros. */
const padded = (key: Buffer) => Buffer.concat([Buffer.alloc(32 - key.length), key]);
