import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("..", import.meta.url));
const pages = "e2e/test/pages.test.ts";
const limits = {
  // One worker loads each module once, and one Chromium serves all files. Modules therefore keep no state.
  isolate: false,
  testTimeout: 300_000,
  hookTimeout: 300_000,
  teardownTimeout: 90_000,
};

/**
 * Browser tests. Those of the project `browser` share the whole product, which starts once for the run. `pages` needs only the built
 * pages.
 */
export default defineConfig({
  test: {
    fileParallelism: false,
    projects: [
      {
        test: {
          name: "browser",
          root,
          include: ["e2e/test/**/*.test.ts", "chaos/test/**/*.browser.test.ts"],
          exclude: [pages],
          globalSetup: fileURLToPath(new URL("./src/product.ts", import.meta.url)),
          fileParallelism: false,
          ...limits,
        },
      },
      { test: { name: "pages", root, include: [pages], ...limits, testTimeout: 1_200_000 } },
    ],
  },
});
