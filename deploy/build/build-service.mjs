// Bundles the entry files of the package in the working directory (default: src/main.ts) into dist/, with source maps.
// An image needs only dist/ and the packages that are not bundled.
import { readFileSync } from "node:fs";
import { build } from "esbuild";

/** Optional drivers of knex and BullMQ that are not installed. */
const missingDrivers = [
  "mysql",
  "mysql2",
  "mariadb",
  "sqlite3",
  "better-sqlite3",
  "oracledb",
  "tedious",
  "pg-query-stream",
].concat(["pg-native", "cardinal", "redis", "bullmq-otel"]);
/** Not bundled, because they are native or read their own files, or because the LGPL requires that they stay replaceable. */
export const unbundled = [
  "@node-rs/argon2",
  // Serves static files from its own folder.
  "@bull-board/api",
  "@bull-board/express",
  "@wppconnect-team/wppconnect",
  "@wppconnect/wa-js",
  "puppeteer-core",
  "sharp",
  "libheif-js",
];

const entries = process.argv.slice(2);
const { name } = JSON.parse(readFileSync("package.json", "utf8"));
const startedAt = performance.now();
await build({
  entryPoints: entries.length > 0 ? entries : ["src/main.ts"],
  outdir: "dist",
  outbase: "src",
  bundle: true,
  platform: "node",
  target: "node20.19",
  format: "esm",
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "linked",
  minifySyntax: true,
  keepNames: true,
  external: [...missingDrivers, ...unbundled],
  // Bundled CommonJS packages call require() for Node's built-in modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module";const require = __createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
console.log(`${name} bundled in ${Math.round(performance.now() - startedAt)} ms`);
