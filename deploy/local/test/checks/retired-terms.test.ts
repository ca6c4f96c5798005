import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findRetiredTerms } from "../../src/checks/retired-terms.ts";

function termsIn(file: string, source: string): string[] {
  const root = mkdtempSync(join(tmpdir(), "syszap-terms-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, file), source);
  return findRetiredTerms(root, [file]);
}

test("a retired name is refused anywhere in code, with the term to use", () => {
  expect(termsIn("a.ts", "const a = 1;\nnew Doorbell(a);")).toEqual(['a.ts:2 "Doorbell": use outbound signal']);
});

test.for([
  ["a comment", "/** Notifies whoever waits. */"],
  ["a line comment", "run(); // whoever waits"],
  ["a test title", 'test("whoever waits is served", () => undefined);'],
  ["the title of a parametrized test", 'test.for(cases)("whoever waits is served: %s", () => undefined);'],
] as const)("an unclear phrase is refused in %s", ([, source]) => {
  expect(termsIn("a.ts", source)).toHaveLength(1);
});

test("an unclear phrase in other code or in a URL is accepted", () => {
  expect(termsIn("a.ts", 'const url = "https://example.org/whoever"; const whoever = url;')).toEqual([]);
});

test("every line of a document is prose", () => {
  expect(termsIn("a.md", "# Title\n\nWhoever reads this.")).toEqual([
    'a.md:3 "Whoever": use the role, such as "the caller"',
  ]);
});
