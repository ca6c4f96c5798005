// Entry point of every npm script. Uses only Node's built-in modules until the packages are installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const commands = [
  "start",
  "dev",
  "test",
  "test-node",
  "images",
  "conformance",
  "engine-check",
  "stand-in",
  "bench",
  "chaos",
  "screenshots",
  "check",
  "generate",
  "environment",
  "kubernetes",
  "sbom",
  "publish",
  "syszap",
];
const [command = "", ...args] = process.argv.slice(2);

if (!commands.includes(command))
  fail(`Usage: node deploy/local/bootstrap.mjs <command>, where <command> is one of ${commands.join(", ")}.`);
checkNode();
// Needs no packages: a server that runs only containers has none.
if (command === "syszap" && args[0] === "init") await runInit();
process.chdir(root);
process.env.PATH = `${root}node_modules/.bin${delimiter}${process.env.PATH ?? ""}`;
install();
const { register } = await import("tsx/esm/api");
register();
const { run } = await import(`./src/commands/${command}.ts`);
await run(args);

async function runInit() {
  const { init } = await import("./init/init.mjs");
  process.exit(init(args.slice(1), { out: console.log, error: console.error }));
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(
    `sysZap needs Node 20.19 or newer, best Node 24; this is ${process.versions.node}. See https://nodejs.org/en/download.`,
  );
}

/** Installs the locked packages. Skipped when the last install used the same lockfile, Node version and platform. */
function install() {
  const stampFile = `${root}node_modules/.syszap-installed`;
  const stamp = createHash("sha256")
    .update(readFileSync(`${root}pnpm-lock.yaml`))
    .update(`${process.version} ${process.platform} ${process.arch}`)
    .digest("hex");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  const { packageManager } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  process.stderr.write("Installing packages (the first time takes about a minute) …\n");
  const npx = process.platform === "win32" ? "npx.cmd" : "npx";
  const result = spawnSync(npx, ["-y", packageManager, "install", "--frozen-lockfile"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    env: { ...process.env, CI: "true" },
  });
  if (result.status !== 0) {
    fail(
      `${result.stdout ?? ""}${result.stderr ?? ""}\nThe packages could not be installed. The output above says why.`,
    );
  }
  writeFileSync(stampFile, stamp);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
