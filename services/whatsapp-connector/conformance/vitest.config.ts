import { defineConfig } from "vitest/config";

/** Every engine passes the same suite, one after the other: a real browser wants the machine for itself. */
export default defineConfig({
  test: {
    name: "conformance",
    root: import.meta.dirname,
    include: ["*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
