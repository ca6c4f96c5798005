// Writes docs/third-party-licences.md from the installed production dependencies; with --check, fails when it is stale.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const target = `${root}docs/third-party-licences.md`;
/** Licences that would reach into our own code if a package under them were bundled. LGPL is fine while the library stays outside the bundle. */
const refused = /^(A?GPL)/;

const listed = JSON.parse(
  execFileSync(`${root}node_modules/.bin/pnpm`, ["-r", "licenses", "list", "--prod", "--no-optional", "--json"], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  }).toString(),
);
const groups = Object.entries(listed)
  .map(([licence, packages]) => [licence, [...new Set(packages.map((entry) => entry.name))].sort()])
  .sort(([a], [b]) => (a < b ? -1 : 1));

const bad = groups.filter(([licence]) => refused.test(licence));
if (bad.length > 0) {
  console.error(
    `Licences that sysZap can't ship under MIT: ${bad.map(([l, names]) => `${l} (${names.join(", ")})`).join("; ")}`,
  );
  process.exit(1);
}

const text = [
  "# Third-party licences",
  "",
  "Every package that a production build uses, with those it pulls in. Written by `npm run generate`; the check fails when it is stale.",
  "",
  "`@wppconnect-team/wppconnect` and `@wppconnect/wa-js` are not part of any bundle: they are installed beside it, unmodified, so that their LGPL-3.0 and Apache-2.0 terms are met and anyone can replace them.",
  "",
  ...groups.flatMap(([licence, names]) => [`## ${licence}`, "", names.map((name) => `\`${name}\``).join(", "), ""]),
].join("\n");

if (!process.argv.includes("--check")) writeFileSync(target, text);
else if (readFileSync(target, "utf8") !== text) {
  console.error("docs/third-party-licences.md is stale: run `npm run generate` and commit it.");
  process.exit(1);
}
