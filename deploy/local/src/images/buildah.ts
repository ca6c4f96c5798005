import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Runs buildah and returns its output. */
export async function buildah(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("buildah", args, { maxBuffer: 16 * 1024 * 1024 });
  return stdout.trim();
}
