import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";

const failOnWarning = fileURLToPath(new URL("./deploy/local/src/test-run/fail-on-warning.ts", import.meta.url));
const shared = {
  setupFiles: [failOnWarning],
  // A worker loads each module once instead of once per test file. Modules therefore keep no state.
  isolate: false,
  // Guards against hanging only: generous, because the machine may be slow and busy.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 60_000 } },
};

/**
 * `*.test.ts` runs in Node, `*.test.tsx` with a document. These are the only two projects, because vitest starts new workers for each
 * project, and each worker loads all modules again. All tests share one Postgres server. Browser tests (`packages/e2e` and
 * `*.browser.test.ts`) run with `packages/e2e/vitest.config.ts`.
 */
export default defineConfig({
  test: {
    globalSetup: "./deploy/local/src/test-run/global-setup.ts",
    maxWorkers: 4,
    projects: [
      {
        test: {
          name: "node",
          include: ["{packages,services}/*/test/**/*.test.ts", "deploy/local/test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, "**/*.browser.test.ts", "packages/e2e/**"],
          ...shared,
        },
      },
      {
        test: {
          name: "page",
          include: ["{packages,services}/*/test/**/*.test.tsx"],
          environment: "happy-dom",
          ...shared,
        },
      },
    ],
  },
});
