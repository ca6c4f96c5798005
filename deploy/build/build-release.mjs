// Builds the services of a commit, for tests that run two releases side by side:
//   PREVIOUS_RELEASE=$(node deploy/build/build-release.mjs v1.0.0) npm run chaos -- rolling-restarts
// Prints the folder. A commit that was built before is not built again.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [revision] = process.argv.slice(2);
if (revision === undefined) {
  console.error("Usage: node deploy/build/build-release.mjs COMMIT");
  process.exit(2);
}
const run = (command, args, options = {}) => execFileSync(command, args, { stdio: ["pipe", "pipe", 2], ...options });

const commit = run("git", ["rev-parse", "--verify", `${revision}^{commit}`])
  .toString()
  .trim();
const folder = join(tmpdir(), `syszap-release-${commit}`);
if (!existsSync(folder)) {
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished);
  try {
    const source = run("git", ["archive", commit], { maxBuffer: 1_000_000_000 });
    run("tar", ["-x", "-C", unfinished], { input: source });
    const inRelease = { cwd: unfinished };
    run("pnpm", ["install", "--frozen-lockfile", "--prefer-offline"], inRelease);
    run("pnpm", ["--filter", "./services/*", "--filter", "!@syszap/web-app", "run", "build"], inRelease);
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}
console.log(folder);
