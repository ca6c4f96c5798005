import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { type MasterKey, type MasterKeys, masterKeyIdBytes } from "./master-keys.ts";

/** Part of the ids of the keys, which sealed data contains: they must not change. */
export const accountKeyPurpose = "account";
export const sessionKeyPurpose = "session";
/** The connector encrypts archives of profiles with these keys. */
export const profileKeyPurpose = "profile";

/** Kinds of sealed secrets. Each has its own keys, derived from the master keys of a variable. */
const kinds = {
  "second factor": { derivation: "syszap second factor v1", variable: "ACCOUNT_ENCRYPTION_KEY" },
  proxy: { derivation: "syszap session proxy v1", variable: "SESSION_ENCRYPTION_KEY" },
} as const;

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = masterKeyIdBytes + nonceBytes;

/** Encrypts secrets for the database: id of the key, nonce, text, tag. A sealed secret opens for its owner only. */
export class SealedSecrets {
  constructor(
    private readonly keys: MasterKeys,
    private readonly kind: keyof typeof kinds,
  ) {}

  seal(secret: Buffer, owner: string): Buffer {
    const key = this.keys.current;
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.derive(key), nonce).setAAD(Buffer.from(owner));
    return Buffer.concat([key.id, nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  }

  /** Throws when no key fits, or the secret was changed or belongs to another owner. */
  open(sealed: Buffer, owner: string): Buffer {
    const key = this.keys.find(sealed.subarray(0, masterKeyIdBytes));
    if (!key) throw new Error(`a secret was sealed with another key: add that key to ${kinds[this.kind].variable}`);
    const end = sealed.byteLength - tagBytes;
    const decipher = createDecipheriv(algorithm, this.derive(key), sealed.subarray(masterKeyIdBytes, headBytes))
      .setAAD(Buffer.from(owner))
      .setAuthTag(sealed.subarray(end));
    return Buffer.concat([decipher.update(sealed.subarray(headBytes, end)), decipher.final()]);
  }

  /** One key seals far fewer secrets than random nonces allow (2^32). */
  private derive(key: MasterKey): Buffer {
    return Buffer.from(hkdfSync("sha256", key.bytes, "", kinds[this.kind].derivation, key.bytes.byteLength));
  }
}
