import { existsSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import { defineConfig } from "vitest/config";

const foldersOf = (parent: string) =>
  readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${parent}/${entry.name}`);
const folders = [...foldersOf("packages"), ...foldersOf("services"), "deploy/local"].filter((folder) =>
  existsSync(`${folder}/test`),
);
const limits = { testTimeout: 15_000, hookTimeout: 30_000 };

/** Every package and service is a project of its folder's name; one Postgres serves them all. Browser tests have their own file. */
export default defineConfig({
  test: {
    globalSetup: "./deploy/local/src/test-run/global-setup.ts",
    maxWorkers: 3,
    projects: [
      ...folders.map((folder) => ({
        test: { name: basename(folder), root: folder, include: ["test/**/*.test.{ts,tsx}"], ...limits },
      })),
      // What the fault scenarios themselves are judged by; that they play at all is for the browser tests.
      {
        test: {
          name: "chaos",
          root: "packages/testing/chaos",
          include: ["**/*.test.ts"],
          exclude: ["**/*.browser.test.ts", "**/node_modules/**"],
          ...limits,
        },
      },
    ],
  },
});
