import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { makeSecret, vapidKeys } from "../../init/secrets.mjs";

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
  const secret = (name: string) => makeSecret(name) ?? "";
  return {
    ownerPassword: secret("OWNER_DATABASE_PASSWORD"),
    appPassword: secret("APP_DATABASE_PASSWORD"),
    systemPassword: secret("SYSTEM_DATABASE_PASSWORD"),
    backupPassword: secret("BACKUP_DATABASE_PASSWORD"),
    redisPassword: secret("REDIS_PASSWORD"),
    tokenSigningKey: secret("TOKEN_SIGNING_KEY"),
    accountEncryptionKey: secret("ACCOUNT_ENCRYPTION_KEY"),
    sessionEncryptionKey: secret("SESSION_ENCRYPTION_KEY"),
    vapid: vapidKeys(),
  };
}
