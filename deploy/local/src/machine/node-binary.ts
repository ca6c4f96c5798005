import { execFile } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { print } from "../console.ts";
import { root } from "../paths.ts";

const run = promisify(execFile);
/** Names of npm's packages that hold Node's program for one system. */
const packageName = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;

export interface NodeBinary {
  version: string;
  /** Folder with the program `node`. */
  folder: string;
}

/**
 * Installs another release of Node from npm and returns its folder. `range` is a version or a major version, of which the newest release
 * is taken. Releases stay in `node_modules/.cache`.
 */
export async function requireNode(range: string): Promise<NodeBinary> {
  const cache = join(root, "node_modules/.cache/syszap-node", range);
  const folder = join(cache, "node_modules", packageName, "bin");
  if (!existsSync(join(folder, "node"))) {
    print(`Installing Node ${range} from npm …`);
    mkdirSync(cache, { recursive: true });
    await run("npm", [
      "install",
      "--prefix",
      cache,
      "--no-save",
      "--no-audit",
      "--no-fund",
      `${packageName}@${range}`,
    ]).catch((err: unknown) => {
      throw new Error(`npm has no package ${packageName}@${range}, or cannot be reached.`, { cause: err });
    });
  }
  const { stdout } = await run(join(folder, "node"), ["--version"]);
  return { version: stdout.trim().slice(1), folder };
}
