import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { administration } from "../../src/i18n/locales/administration.ts";
import { operator } from "../../src/i18n/locales/operator.ts";

const src = fileURLToPath(new URL("../../src/", import.meta.url));
const staticImport = /^(?:import|export)\s(?!type)[^;]*?"(\.{1,2}\/[^"]+\.tsx?)";/gm;

/** The source files that a file loads at once, itself included. */
function loadedWith(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, path = ""] of readFileSync(file, "utf8").matchAll(staticImport))
    loadedWith(join(dirname(file), path), found);
  return found;
}

/** Files that use a text of these namespaces. */
function using(files: Set<string>, namespaces: string[]): string[] {
  const use = new RegExp(`["\u0060](?:${namespaces.join("|")}):`);
  return [...files].filter((file) => use.test(readFileSync(file, "utf8"))).map((file) => relative(src, file));
}

const lazyTexts = [...Object.keys(administration.en), ...Object.keys(operator.en)];

/** Loaded at the start: the login and what is behind it. */
const firstFiles = ["main.tsx", "signed-in.tsx"].map((name) => join(src, name));

test("files of the main bundles use only texts of the main bundle", () => {
  const files = new Set(firstFiles.flatMap((file) => [...loadedWith(file)]));
  expect(files.size).toBeGreaterThan(80);
  expect(using(files, lazyTexts)).toEqual([]);
  expect([...files].filter((file) => file.endsWith("-texts.ts"))).toEqual([]);
});

test("each page that is loaded later loads the texts that it uses", () => {
  const sources = ["app.tsx", "signed-in.tsx"].map((name) => readFileSync(join(src, name), "utf8")).join("\n");
  const imports = [...sources.matchAll(/import\("(\.[^"]+)"\)/g)];
  const pages = imports.filter(([, path]) => path !== "./signed-in.tsx");
  expect(pages.length).toBeGreaterThan(8);
  for (const [, path = ""] of pages) {
    const files = loadedWith(join(src, path));
    const isUser = using(files, Object.keys(administration.en)).length > 0;
    const loadsTexts = files.has(join(src, "i18n/administration-texts.ts"));
    expect({ path, loadsTexts }).toEqual({ path, loadsTexts: isUser });
  }
  expect(loadedWith(join(src, "operator/operator-app.tsx"))).toContain(join(src, "i18n/operator-texts.ts"));
  expect(using(loadedWith(join(src, "operator/operator-app.tsx")), Object.keys(administration.en))).toEqual([]);
});
