import { defineConfig } from "vitest/config";

/** All engines run the same suite, one after the other, since a real browser needs the whole machine. */
export default defineConfig({
  test: {
    name: "conformance",
    root: import.meta.dirname,
    include: ["*.test.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
