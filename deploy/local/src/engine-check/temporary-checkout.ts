import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const maxListBytes = 64 * 1024 * 1024;

/** Copies all files of the working tree that git does not ignore into a new temporary folder. */
export async function copyWorkingTree(root: string): Promise<string> {
  const listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { stdout } = await promisify(execFile)("git", listing, { cwd: root, maxBuffer: maxListBytes });
  const folder = await mkdtemp(join(tmpdir(), "syszap-engine-check-"));
  const files = stdout.split("\0").filter((file) => file !== "" && existsSync(join(root, file))); // deleted files are listed too
  for (const directory of new Set(files.map((file) => dirname(file))))
    await mkdir(join(folder, directory), { recursive: true });
  for (const file of files) await copyFile(join(root, file), join(folder, file));
  return folder;
}
