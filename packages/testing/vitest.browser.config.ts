import { defineConfig } from "vitest/config";

/** Tests in a real browser against the whole product, started once for all of them. One file at a time: they measure. */
export default defineConfig({
  test: {
    name: "browser",
    root: import.meta.dirname,
    include: ["e2e/**/*.test.ts", "chaos/**/*.browser.test.ts"],
    globalSetup: "./e2e/product.ts",
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
