import { hkdfSync } from "node:crypto";
import type { MasterKey } from "@syszap/platform";

/** The owner of a profile. An archive can't be opened for another session. */
export interface ProfileOwner {
  companyId: string;
  sessionId: string;
}

/** Derives the key of one archive. Each archive has its own salt, so that no two archives share a key. */
export function archiveKey(master: MasterKey, salt: Buffer, { companyId, sessionId }: ProfileOwner): Buffer {
  const info = `syszap profile v1|${companyId}|${sessionId}`;
  return Buffer.from(hkdfSync("sha256", master.bytes, salt, info, master.bytes.byteLength));
}
