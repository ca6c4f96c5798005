// The first thing that runs on a fresh machine: only Node's own modules until the packages are installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const commands = ["start", "dev", "test", "conformance", "stand-in", "bench", "chaos", "check", "generate", "publish"];
const [command = "", ...args] = process.argv.slice(2);

if (!commands.includes(command)) fail(`Say what to do: ${commands.join(", ")}.`);
checkNode();
process.chdir(root);
process.env.PATH = `${root}node_modules/.bin${delimiter}${process.env.PATH ?? ""}`;
install();
const { register } = await import("tsx/esm/api");
register();
const { run } = await import(`./src/${command}.ts`);
await run(args);

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`sysZap needs Node 20.19 or newer; this is ${process.versions.node}. See https://nodejs.org/en/download.`);
}

/** Skipped when the last install was for this lockfile and this Node. */
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
    fail(`${result.stdout ?? ""}${result.stderr ?? ""}\nThe packages could not be installed; see above.`);
  }
  writeFileSync(stampFile, stamp);
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
