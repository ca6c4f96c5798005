import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Chromium creates a socket below its temporary folder, and Linux limits the path of a socket to 107 bytes. */
const maxSocketPathBytes = 107;
const chromiumSocket = "/org.chromium.Chromium.XXXXXX/SingletonSocket";
const randomPart = "XXXXXX";

/**
 * Temporary folder of the processes of one engine run. Browser and library remove their files only when they end normally.
 * The folder is named after the session, so that the next run on this machine removes what a killed run left behind.
 */
export class TemporaryFolder {
  private constructor(
    /** Undefined if its path would be too long: the machine's temporary folder is used, and is not cleaned. */
    readonly path: string | undefined,
  ) {}

  /** Removes the folders of earlier runs of the session. Only the owner of the session may call this. */
  static make(sessionId: string, parent = tmpdir()): TemporaryFolder {
    const name = `syszap-${sessionId.slice(0, 13)}-`;
    for (const entry of readdirSync(parent)) {
      if (entry.startsWith(name)) rmSync(join(parent, entry), { recursive: true, force: true });
    }
    const prefix = join(parent, name);
    const isShort = Buffer.byteLength(prefix + randomPart + chromiumSocket) <= maxSocketPathBytes;
    return new TemporaryFolder(isShort ? mkdtempSync(prefix) : undefined);
  }

  /** Call it when no process uses the folder any more. Never rejects: the session's next run tries again. */
  async remove(): Promise<void> {
    if (this.path !== undefined) await rm(this.path, { recursive: true, force: true }).catch(() => undefined);
  }
}
