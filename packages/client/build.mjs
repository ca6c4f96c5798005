/**
 * Builds the published package into dist/: one JavaScript file that contains the constants of @syszap/contracts, and the type
 * declarations of both packages. The result depends on zod for types only.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { build } from "esbuild";

const folder = import.meta.dirname;
const dist = join(folder, "dist");
const contracts = join(folder, "../contracts");
const entries = {
  "@syszap/contracts/constants": join(dist, "contracts/constants/index.js"),
  "@syszap/contracts": join(dist, "contracts/index.js"),
};

rmSync(dist, { recursive: true, force: true });
await build({
  entryPoints: [join(folder, "src/index.ts")],
  outfile: join(dist, "index.js"),
  bundle: true,
  format: "esm",
  platform: "neutral",
  target: "es2022",
  conditions: ["import"],
});
emitTypes(folder, dist);
emitTypes(contracts, join(dist, "contracts"));
for (const file of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
  if (file.endsWith(".d.ts")) rewriteImports(join(dist, file));
}

function emitTypes(packageFolder, outDir) {
  const args = ["-p", join(packageFolder, "tsconfig.build.json"), "--emitDeclarationOnly", "--outDir", outDir];
  const { status } = spawnSync("tsc", args, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

function rewriteImports(file) {
  let text = readFileSync(file, "utf8");
  for (const [name, target] of Object.entries(entries)) {
    const path = relative(dirname(file), target).split(sep).join("/");
    text = text.replaceAll(`"${name}"`, `"${path.startsWith(".") ? path : `./${path}`}"`);
  }
  writeFileSync(file, text.replaceAll(/"(\.{1,2}\/[^"]+)\.ts"/g, '"$1.js"'));
}
