import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("..", import.meta.url));
const pages = "e2e/test/pages.test.ts";
const ofOwnProducts = ["e2e/test/{lifecycle,real-engine}.test.ts", "chaos/test/**/*.browser.test.ts"];
const shared = {
  root,
  fileParallelism: false,
  // One worker loads each module once, and one Chromium serves all files. Modules therefore keep no state.
  isolate: false,
  // Guards against hanging only: generous, because the machine may be slow and busy.
  testTimeout: 300_000,
  hookTimeout: 300_000,
  teardownTimeout: 90_000,
  expect: { poll: { timeout: 60_000 } },
};

/**
 * Tests in browsers and of the whole product. Those of the project `browser` share one product, which starts once for the run. Those of
 * `products` start products or parts of them. `pages` needs only the built pages. `npm test` runs the projects side by side.
 */
export default defineConfig({
  test: {
    fileParallelism: false,
    projects: [
      {
        test: {
          name: "browser",
          include: ["e2e/test/**/*.test.ts"],
          exclude: [pages, ...ofOwnProducts],
          globalSetup: fileURLToPath(new URL("./src/product.ts", import.meta.url)),
          ...shared,
        },
      },
      { test: { name: "products", include: ofOwnProducts, ...shared } },
      { test: { name: "pages", include: [pages], ...shared, testTimeout: 1_200_000 } },
    ],
  },
});
