import { createHash } from "node:crypto";
import { z } from "zod";
import { secret } from "./environment.ts";

const keyBytes = 32;
/** Length of the id by which sealed data names its key. */
export const masterKeyIdBytes = 8;

export interface MasterKey {
  id: Buffer;
  bytes: Buffer;
}

/** Keys that encrypt stored data. The first key seals, all keys open. To rotate keys, the new one is put first. */
export class MasterKeys {
  private constructor(private readonly keys: readonly [MasterKey, ...MasterKey[]]) {}

  /**
   * Parses one or more keys of 32 bytes in base64, separated by commas. `purpose` is part of the ids of the keys. Errors never
   * contain a part of the text.
   */
  static parse(text: string, purpose: string): MasterKeys {
    const [first, ...older] = text.split(",").map((part) => masterKey(part.trim(), purpose));
    if (!first) throw new Error("at least one key is required");
    return new MasterKeys([first, ...older]);
  }

  get current(): MasterKey {
    return this.keys[0];
  }

  find(id: Buffer): MasterKey | undefined {
    return this.keys.find((key) => key.id.equals(id));
  }
}

/** An environment variable with master keys. There is no default. */
export const masterKeys = (purpose: string) =>
  secret().transform((text, context): MasterKeys => {
    try {
      return MasterKeys.parse(text, purpose);
    } catch (err) {
      context.addIssue({ code: "custom", message: err instanceof Error ? err.message : "cannot be read" });
      return z.NEVER;
    }
  });

function masterKey(text: string, purpose: string): MasterKey {
  const bytes = Buffer.from(text, "base64");
  if (bytes.byteLength !== keyBytes || bytes.toString("base64") !== text) {
    throw new Error("each key must be 32 bytes in base64 (openssl rand -base64 32)");
  }
  if (bytes.every((byte) => byte === bytes[0])) throw new Error("a key must be random");
  const id = createHash("sha256")
    .update(`syszap ${purpose} key id`)
    .update(bytes)
    .digest()
    .subarray(0, masterKeyIdBytes);
  return { id, bytes };
}
