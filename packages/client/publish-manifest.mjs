/**
 * Replaces package.json by the published one while the package is packed (`publish`), and puts it back afterwards (`restore`), because
 * npm neither resolves pnpm's `workspace:` and `catalog:` nor applies `publishConfig.exports`.
 */
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = import.meta.dirname;
const current = join(folder, "package.json");
/** The original while package.json is replaced. Left behind if packing fails; the next run uses it. */
const original = join(folder, "package.original.json");

if (process.argv[2] === "restore") restore();
else publish();

function publish() {
  if (!existsSync(original)) copyFileSync(current, original);
  const { scripts: _, devDependencies: __, publishConfig, ...manifest } = JSON.parse(readFileSync(original, "utf8"));
  const dependencies = Object.keys(manifest.dependencies).map((name) => [name, rangeOf(name)]);
  const published = { ...manifest, ...publishConfig, dependencies: Object.fromEntries(dependencies) };
  // Written completely before it takes the name, because other programs may read package.json at any time.
  writeFileSync(`${current}.new`, `${JSON.stringify(published, null, 2)}\n`);
  renameSync(`${current}.new`, current);
}

function restore() {
  if (existsSync(original)) renameSync(original, current);
}

/** The version range of a package in pnpm's catalog. */
function rangeOf(name) {
  const catalog = readFileSync(join(folder, "../../pnpm-workspace.yaml"), "utf8").split(/^catalog:$/m)[1] ?? "";
  const range = new RegExp(`^  "?${name}"?: (.+)$`, "m").exec(catalog)?.[1];
  if (!range) throw new Error(`pnpm's catalog has no ${name}.`);
  return range;
}
