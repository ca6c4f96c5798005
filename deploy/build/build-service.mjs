// Bundles the entries of the package in the working directory (default: src/main.ts) to one file each in dist/, with
// source maps. The image then needs only dist/ and the packages that stay outside the bundle.
import { readFileSync } from "node:fs";
import { build } from "esbuild";

/** Optional drivers of knex and BullMQ that nobody installed. */
const absent = [
  "mysql",
  "mysql2",
  "mariadb",
  "sqlite3",
  "better-sqlite3",
  "oracledb",
  "tedious",
  "pg-query-stream",
].concat(["pg-native", "cardinal", "redis", "bullmq-otel"]);
/** Native, or reading its own files; wppconnect's licence (LGPL) also wants it to stay replaceable. Present at run time. */
export const beside = [
  "@node-rs/argon2",
  // Serves the files of its own page.
  "@bull-board/api",
  "@bull-board/express",
  "@wppconnect-team/wppconnect",
  "@wppconnect/wa-js",
  "puppeteer-core",
  "sharp",
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
  external: [...absent, ...beside],
  // CommonJS packages inside the bundle still call require() for Node's own modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module";const require = __createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
console.log(`${name} bundled in ${Math.round(performance.now() - startedAt)} ms`);
