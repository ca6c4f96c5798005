import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findLayerCycles } from "../../src/checks/import-layers.ts";

/** Creates files that import each other and returns the cycles found among them. */
function cyclesOf(importsOf: Record<string, string[]>) {
  const root = mkdtempSync(join(tmpdir(), "syszap-layers-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [file, lines] of Object.entries(importsOf)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), lines.join("\n"));
  }
  return findLayerCycles(root, Object.keys(importsOf)).map(({ folder, entries }) => ({ folder, entries }));
}

test("imports that point downwards are accepted", () => {
  const files = {
    "src/main.ts": ['import { a } from "./low/a.ts";', 'import { b } from "./high/b.ts";'],
    "src/high/b.ts": ['import { a } from "../low/a.ts";'],
    "src/low/a.ts": [],
  };
  expect(cyclesOf(files)).toEqual([]);
});

test("two files that import each other are a cycle, also by type imports and re-exports", () => {
  const files = {
    "src/a.ts": ['import type { B } from "./b.ts";'],
    "src/b.ts": ['export * from "./c.ts";'],
    "src/c.ts": ['const load = () => import("./a.ts");'],
  };
  expect(cyclesOf(files)).toEqual([{ folder: "src", entries: ["a.ts", "b.ts", "c.ts"] }]);
});

test("two folders that import each other are a cycle, even without a cycle of files", () => {
  const files = {
    "src/api/http.ts": [],
    "src/api/queries.ts": ['import { store } from "../live/store.ts";'],
    "src/live/store.ts": [],
    "src/live/retry.ts": ['import { http } from "../api/http.ts";'],
  };
  expect(cyclesOf(files)).toEqual([{ folder: "src", entries: ["api", "live"] }]);
});

test("a subfolder that imports a file above it is a cycle if that file imports the subfolder", () => {
  const files = {
    "src/hub.ts": ['import { admit } from "./admission/admit.ts";'],
    "src/admission/admit.ts": ['import {\n  type Hub,\n} from "../hub.ts";'],
  };
  expect(cyclesOf(files)).toEqual([{ folder: "src", entries: ["admission", "hub.ts"] }]);
});
