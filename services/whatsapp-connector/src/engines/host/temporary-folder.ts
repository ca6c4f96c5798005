import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Chromium makes a socket in a folder of its own there; Linux takes 107 bytes of path. */
const longestSocketPath = 107;
const chromiumsSocket = "/org.chromium.Chromium.XXXXXX/SingletonSocket";
const randomPart = "XXXXXX";

/**
 * Where the processes of one engine run keep what is worth nothing afterwards: browser and library clear up only when they end
 * in order. It is named after the session, so that the next run on this machine finds what a killed connector left.
 */
export class TemporaryFolder {
  private constructor(
    /** Undefined where its path would be too long: then the machine's own is used, and stays untidy. */
    readonly path: string | undefined,
  ) {}

  /** Only its owner may call this: what an earlier run of the session left is deleted. */
  static make(sessionId: string, parent = tmpdir()): TemporaryFolder {
    const name = `syszap-${sessionId.slice(0, 13)}-`;
    for (const left of readdirSync(parent).filter((entry) => entry.startsWith(name)))
      rmSync(join(parent, left), { recursive: true, force: true });
    const prefix = join(parent, name);
    const isShort = Buffer.byteLength(prefix + randomPart + chromiumsSocket) <= longestSocketPath;
    return new TemporaryFolder(isShort ? mkdtempSync(prefix) : undefined);
  }

  /** Once nothing runs any more that uses it. Never rejects. */
  async remove(): Promise<void> {
    // What can't be deleted now is tried again by the session's next run.
    if (this.path !== undefined) await rm(this.path, { recursive: true, force: true }).catch(() => undefined);
  }
}
