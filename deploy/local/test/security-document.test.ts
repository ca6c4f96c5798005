import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../src/paths.ts";

const rows = readFileSync(join(root, "docs/security.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| threat") && !line.startsWith("| ---"))
  .map((line) => line.split("|").map((cell) => cell.trim()));

test("each threat of docs/security.md names a control and test files that exist", () => {
  expect(rows.length).toBeGreaterThan(20);
  for (const [, threat, control, tests = ""] of rows) {
    const files = [...tests.matchAll(/`([^`]+)`/g)].map(([, file]) => file ?? "");
    expect({ threat, control, count: files.length }).toEqual({
      threat: expect.stringMatching(/./),
      control: expect.stringMatching(/./),
      count: expect.toSatisfy((count: number) => count > 0),
    });
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  }
});
