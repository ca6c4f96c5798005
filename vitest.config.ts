import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const failOnWarning = fileURLToPath(new URL("./deploy/local/src/test-run/fail-on-warning.ts", import.meta.url));
const foldersOf = (parent: string) =>
  readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${parent}/${entry.name}`);
const folders = [...foldersOf("packages"), ...foldersOf("services"), "deploy/local"].filter(
  (folder) => existsSync(`${folder}/test`) && !existsSync(`${folder}/vitest.config.ts`),
);
/** Their tests need a DOM, and load React and none of the servers' modules. */
const pageFolders = new Set(["services/web-app", "packages/client-react"]);
/** Guards against hanging only: generous, because the machine may be slow and busy. */
const limits = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 60_000 } } };

const project = (name: string, members: string[]) => ({
  test: {
    name,
    setupFiles: [failOnWarning],
    include: members.map((folder) => `${folder}/test/**/*.test.{ts,tsx}`),
    exclude: ["**/*.browser.test.ts", "**/node_modules/**"],
    // A worker loads each module once instead of once per test file. Modules therefore keep no state.
    isolate: false,
    ...limits,
  },
});

/**
 * Two projects, because a worker serves one project and Vitest transforms the modules of each project separately: with one project
 * per folder, shared modules were loaded up to 13 times per worker. All tests share one Postgres server. Browser tests
 * (`packages/e2e` and `*.browser.test.ts`) run with `packages/e2e/vitest.config.ts`.
 */
export default defineConfig({
  test: {
    globalSetup: "./deploy/local/src/test-run/global-setup.ts",
    maxWorkers: 4,
    projects: [
      project(
        "servers",
        folders.filter((folder) => !pageFolders.has(folder)),
      ),
      project(
        "page",
        folders.filter((folder) => pageFolders.has(folder)),
      ),
    ],
  },
});
