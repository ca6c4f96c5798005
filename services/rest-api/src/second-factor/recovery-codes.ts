import { createHash, randomBytes } from "node:crypto";
import { recoveryCodeCount } from "@syszap/contracts";

/** Crockford's base 32: without i, l, o and u. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
/** 80 bits: too many to find a code by its hash. */
const length = 16;
const group = /.{4}(?=.)/g;

/** New codes such as `7k2m-x9qd-4a0c-tz81`, and their hashes for the database. */
export function newRecoveryCodes(ownerId: string): { codes: string[]; hashes: Buffer[] } {
  const texts = Array.from({ length: recoveryCodeCount }, newCode);
  return {
    codes: texts.map((text) => text.replace(group, "$&-")),
    hashes: texts.map((text) => hashRecoveryCode(ownerId, text)),
  };
}

/** Accepts letters in any case, and letters that look like digits. `text` has no spaces and hyphens. */
export function hashRecoveryCode(ownerId: string, text: string): Buffer {
  const code = text.toLowerCase().replace(/o/g, "0").replace(/[il]/g, "1");
  return createHash("sha256").update(`${ownerId}|${code}`).digest();
}

/** 256 is a multiple of 32, so that all characters are equally frequent. */
const newCode = () => Array.from(randomBytes(length), (byte) => alphabet.charAt(byte % alphabet.length)).join("");
