// Publishes the packages whose version the registry does not have yet: exactly the archives that `check:package` packs and checks.
// `--dry-run` publishes nothing. changesets/action reads the lines "New tag" and pushes these tags.
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

const isDryRun = process.argv.includes("--dry-run");
// In the order of their dependencies.
const folders = ["packages/contracts", "packages/client", "packages/client-react"];

const run = (command, args) => execFileSync(command, args, { stdio: "inherit" });

/** npm answers 404 for a version that does not exist, and for a package without any. */
function isPublished(name, version) {
  const { status, stdout, stderr } = spawnSync("npm", ["view", `${name}@${version}`, "version"], { encoding: "utf8" });
  if (status === 0) return stdout.trim() === version;
  if (stderr.includes("E404")) return false;
  throw new Error(`cannot ask for the versions of ${name}: ${stderr}`);
}

/** Packs and checks the package. Returns the path of the archive. */
function pack(folder) {
  const dist = join(folder, "dist");
  const archives = () => readdirSync(dist).filter((file) => file.endsWith(".tgz"));
  for (const old of archives()) rmSync(join(dist, old));
  run("pnpm", ["--dir", folder, "run", "check:package"]);
  const [archive, ...others] = archives();
  if (archive === undefined || others.length > 0) throw new Error(`expected one archive in ${dist}`);
  return join(dist, archive);
}

for (const folder of folders) {
  const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (!isDryRun && isPublished(name, version)) continue;
  const archive = pack(folder);
  run("npm", ["publish", archive, "--access", "public", ...(isDryRun ? ["--dry-run"] : ["--provenance"])]);
  if (isDryRun) continue;
  run("git", ["tag", `${name}@${version}`]);
  console.log(`New tag: ${name}@${version}`);
}
