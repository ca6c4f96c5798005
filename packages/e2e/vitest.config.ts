import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/**
 * Browser tests against the whole product, which starts once for the run. Files run one at a time because they share
 * it.
 */
export default defineConfig({
  test: {
    name: "browser",
    root: fileURLToPath(new URL("..", import.meta.url)),
    include: ["e2e/test/**/*.test.ts", "chaos/test/**/*.browser.test.ts"],
    globalSetup: "./e2e/src/product.ts",
    fileParallelism: false,
    // One worker loads each module once, and one Chromium serves all files. Modules therefore keep no state.
    isolate: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    teardownTimeout: 90_000,
  },
});
