import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { administration } from "../../src/i18n/locales/administration.ts";
import { operator } from "../../src/i18n/locales/operator.ts";
import { pagesPtBr } from "../../src/i18n/locales/pages-pt-br.ts";
import { ptBr } from "../../src/i18n/locales/pt-br.ts";

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

const administrationTexts = Object.keys(administration.en);
const laterTexts = [...administrationTexts, ...Object.keys(operator.en)];
const named = (...names: string[]) => new Set(names.flatMap((name) => [...loadedWith(join(src, name))]));

test("the login, the access pages and what is loaded with them use only texts of the login", () => {
  const files = named("main.tsx", "pages/access/access-page.tsx");
  expect(files.size).toBeGreaterThan(30);
  expect(using(files, [...laterTexts, ...Object.keys(ptBr), ...Object.keys(pagesPtBr)])).toEqual([]);
});

test("the inbox, its notices and its dialogs use only texts of the login and the inbox", () => {
  const extras = [...named("signed-in.tsx")]
    .flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/import\("(\.[^"]+\.tsx?)"\)/g)].map(([, path = ""]) =>
        relative(src, join(dirname(file), path)),
      ),
    )
    .filter((path) => !path.startsWith("pages/"));
  expect(extras).toContain("components/notices/notices.tsx");
  const files = named("signed-in.tsx", ...extras.filter((path) => !path.startsWith("i18n/")));
  expect(using(files, [...laterTexts, ...Object.keys(pagesPtBr)])).toEqual([]);
  expect([...files].filter((file) => file.endsWith("-texts.ts"))).toEqual([]);
});

test("each page that is loaded later loads the texts that it uses", () => {
  const source = readFileSync(join(src, "signed-in.tsx"), "utf8");
  const pages = [...source.matchAll(/import\("(\.[^"]+)"\)/g)];
  expect(pages.length).toBeGreaterThan(8);
  for (const [, path = ""] of pages) {
    const files = loadedWith(join(src, path));
    const isUser = using(files, administrationTexts).length > 0;
    const loadsTexts = files.has(join(src, "i18n/administration-texts.ts"));
    expect({ path, loadsTexts }).toEqual({ path, loadsTexts: isUser });
  }
  expect(loadedWith(join(src, "operator/operator-app.tsx"))).toContain(join(src, "i18n/operator-texts.ts"));
  const operatorFiles = loadedWith(join(src, "operator/operator-app.tsx"));
  expect(using(operatorFiles, [...administrationTexts, ...Object.keys(pagesPtBr)])).toEqual([]);
});
