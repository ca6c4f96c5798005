import { execFileSync } from "node:child_process";

/** Lists the files that git tracks and those that it would add, relative to `root`, filtered by git pathspecs. */
export function trackedFiles(root: string, ...pathspecs: string[]): string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "-z", "--", ...pathspecs];
  const deleted = new Set(lines(root, ["ls-files", "--deleted", "-z", "--", ...pathspecs]));
  return lines(root, args).filter((file) => !deleted.has(file));
}

function lines(root: string, args: string[]): string[] {
  const output = execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  return output.split("\0").filter((line) => line !== "");
}
