import { existsSync, readdirSync } from "node:fs";
import { basename } from "node:path";
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
/** Guards against hanging only: generous, because the machine may be slow and busy. */
const limits = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 60_000 } } };

/**
 * One project per package and service, named after its folder; all share one Postgres server.
 * Browser tests (`packages/e2e` and `*.browser.test.ts`) run with `packages/e2e/vitest.config.ts`.
 */
export default defineConfig({
  test: {
    globalSetup: "./deploy/local/src/test-run/global-setup.ts",
    maxWorkers: 4,
    projects: folders.map((folder) => ({
      test: {
        name: basename(folder),
        root: folder,
        setupFiles: [failOnWarning],
        include: ["test/**/*.test.{ts,tsx}"],
        exclude: ["**/*.browser.test.ts", "**/node_modules/**"],
        // A worker loads each module once instead of once per test file. Modules therefore keep no state.
        isolate: false,
        ...limits,
      },
    })),
  },
});
