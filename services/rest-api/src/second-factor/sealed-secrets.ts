import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { type MasterKey, type MasterKeys, masterKeyIdBytes } from "@syszap/platform";

/** Part of the ids of the keys, which every sealed secret contains: it must not change. */
export const accountKeyPurpose = "account";

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = masterKeyIdBytes + nonceBytes;

/** Encrypts secrets of accounts for the database: id of the key, nonce, text, tag. A sealed secret opens for its owner only. */
export class SealedSecrets {
  constructor(private readonly keys: MasterKeys) {}

  seal(secret: Buffer, owner: string): Buffer {
    const key = this.keys.current;
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, derived(key), nonce).setAAD(Buffer.from(owner));
    return Buffer.concat([key.id, nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  }

  /** Throws when no key fits, or the secret was changed or belongs to another owner. */
  open(sealed: Buffer, owner: string): Buffer {
    const key = this.keys.find(sealed.subarray(0, masterKeyIdBytes));
    if (!key) throw new Error("a secret was sealed with another key: add that key to ACCOUNT_ENCRYPTION_KEY");
    const end = sealed.byteLength - tagBytes;
    const decipher = createDecipheriv(algorithm, derived(key), sealed.subarray(masterKeyIdBytes, headBytes))
      .setAAD(Buffer.from(owner))
      .setAuthTag(sealed.subarray(end));
    return Buffer.concat([decipher.update(sealed.subarray(headBytes, end)), decipher.final()]);
  }
}

/** One key seals far fewer secrets than random nonces allow (2^32). */
const derived = (key: MasterKey) =>
  Buffer.from(hkdfSync("sha256", key.bytes, "", "syszap second factor v1", key.bytes.byteLength));
