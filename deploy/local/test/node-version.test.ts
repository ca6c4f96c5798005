import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../src/paths.ts";

/** Runs a command of package.json as if Node had another version. */
function runWith(version: string, command: string) {
  const pretend = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });`;
  return spawnSync(
    process.execPath,
    [
      "--import",
      `data:text/javascript,${encodeURIComponent(pretend)}`,
      join(root, "deploy/local/bootstrap.mjs"),
      command,
    ],
    { encoding: "utf8" },
  );
}

test.for(["start", "test"])("npm %s refuses Node before 20.19 with one line, which recommends Node 24", (command) => {
  for (const version of ["18.20.8", "20.18.3"]) {
    const { status, stdout, stderr } = runWith(version, command);
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: "",
      stderr: `sysZap needs Node 20.19 or newer, best Node 24; this is ${version}. See https://nodejs.org/en/download.\n`,
    });
  }
});
