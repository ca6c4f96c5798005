import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { root } from "../src/paths.ts";

const run = promisify(execFile);
const foldersIn = (parent: string) =>
  readdirSync(join(root, parent))
    .map((name) => `${parent}/${name}`)
    .filter((folder) => existsSync(join(root, folder, "package.json")));
const folders = [...foldersIn("packages"), ...foldersIn("services"), "deploy/local"];

/** Copies the manifests and boundary rules of the workspace, without its sources. */
async function copyOfWorkspace(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), "syszap-boundaries-"));
  onTestFinished(() => rm(copy, { recursive: true, force: true }));
  const files = ["package.json", "pnpm-workspace.yaml", "pnpm-lock.yaml", "turbo.json"].concat(
    folders.flatMap((folder) => [`${folder}/package.json`, `${folder}/turbo.json`]),
  );
  for (const file of files) {
    await mkdir(dirname(join(copy, file)), { recursive: true });
    await cp(join(root, file), join(copy, file));
  }
  return copy;
}

async function addImport(workspace: string, folder: string, dependency: string, isDeclared: boolean): Promise<void> {
  if (isDeclared) {
    const file = join(workspace, folder, "package.json");
    const manifest = JSON.parse(await readFile(file, "utf8"));
    manifest.dependencies = { ...manifest.dependencies, [dependency]: "workspace:*" };
    await writeFile(file, JSON.stringify(manifest));
  }
  await mkdir(join(workspace, folder, "src"), { recursive: true });
  await writeFile(join(workspace, folder, "src/main.ts"), `import "${dependency}";\n`);
}

async function boundaries(workspace: string): Promise<string> {
  const env = {
    ...process.env,
    PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}`,
    TURBO_TELEMETRY_DISABLED: "1",
  };
  return run(join(root, "node_modules/.bin/turbo"), ["boundaries"], { cwd: workspace, env }).then(
    ({ stdout, stderr }) => stdout + stderr,
    (err: { stdout: string; stderr: string }) => err.stdout + err.stderr,
  );
}

test("the workspace respects its boundaries", async () => {
  expect(await boundaries(await copyOfWorkspace())).toContain("no issues found");
});

test.for([
  ["services/rest-api", "@syszap/ws-gateway"],
  ["services/ws-gateway", "@syszap/database"],
  ["services/web-app", "@syszap/platform"],
  ["services/web-app", "@syszap/event-bus"],
  ["packages/contracts", "@syszap/platform"],
  ["packages/platform", "@syszap/contracts"],
  ["packages/event-bus", "@syszap/database"],
  ["packages/event-bus", "@syszap/media-store"],
  ["packages/client", "@syszap/platform"],
  ["packages/client-react", "@syszap/database"],
  ["packages/testing", "@syszap/rest-api"],
  ["packages/testing", "@syszap/whatsapp-web-stand-in"],
  ["packages/whatsapp-web-stand-in", "@syszap/testing"],
  ["services/rest-api", "@syszap/chaos"],
] as const)("%s may not depend on %s", async ([folder, dependency]) => {
  const workspace = await copyOfWorkspace();
  await addImport(workspace, folder, dependency, true);
  const report = await boundaries(workspace);
  expect(report).toContain(dependency);
  expect(report).not.toContain("no issues found");
});

test.for(["database", "event-bus", "media-store"])("packages/%s may depend on the platform", async (name) => {
  const workspace = await copyOfWorkspace();
  await addImport(workspace, `packages/${name}`, "@syszap/platform", true);
  expect(await boundaries(workspace)).toContain("no issues found");
});

test("refuses the import of an undeclared package", async () => {
  const workspace = await copyOfWorkspace();
  await addImport(workspace, "services/ws-gateway", "express", false);
  expect(await boundaries(workspace)).toContain("`express`");
});
