import { createHash, hkdfSync } from "node:crypto";

const keyBytes = 32;
export const keyIdBytes = 8;

/** The owner of a profile. An archive can't be opened for another session. */
export interface ProfileOwner {
  companyId: string;
  sessionId: string;
}

interface MasterKey {
  id: Buffer;
  bytes: Buffer;
}

/** The first key seals archives, all keys open them. To rotate keys, the new one is put first until no archive uses the old one. */
export class ProfileKeys {
  private constructor(private readonly keys: readonly [MasterKey, ...MasterKey[]]) {}

  /** Parses one or more keys of 32 bytes in base64, separated by commas. Errors never contain a part of the text. */
  static parse(text: string): ProfileKeys {
    const [first, ...older] = text.split(",").map((part) => masterKey(part.trim()));
    if (!first) throw new Error("at least one key is required");
    return new ProfileKeys([first, ...older]);
  }

  get current(): MasterKey {
    return this.keys[0];
  }

  find(id: Buffer): MasterKey | undefined {
    return this.keys.find((key) => key.id.equals(id));
  }
}

function masterKey(text: string): MasterKey {
  const bytes = Buffer.from(text, "base64");
  if (bytes.byteLength !== keyBytes || bytes.toString("base64") !== text) {
    throw new Error("each key must be 32 bytes in base64 (openssl rand -base64 32)");
  }
  if (bytes.every((byte) => byte === bytes[0])) throw new Error("a key must be random");
  const id = createHash("sha256").update("syszap profile key id").update(bytes).digest().subarray(0, keyIdBytes);
  return { id, bytes };
}

/** Derives the key of one archive. Each archive has its own salt, so that no two archives share a key. */
export function archiveKey(master: MasterKey, salt: Buffer, { companyId, sessionId }: ProfileOwner): Buffer {
  const info = `syszap profile v1|${companyId}|${sessionId}`;
  return Buffer.from(hkdfSync("sha256", master.bytes, salt, info, keyBytes));
}
