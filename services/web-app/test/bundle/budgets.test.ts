import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";

interface Chunk {
  file: string;
  imports?: string[];
  isDynamicEntry?: boolean;
}
const dist = join(import.meta.dirname, "../../dist");
const manifest: Record<string, Chunk> = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));

/** The chunks that the browser loads before a part can be shown: the entry, the part, and what they import statically. */
function loadedFor(keys: readonly string[], found = new Set<string>()): Set<string> {
  for (const key of keys) {
    if (found.has(key)) continue;
    found.add(key);
    const chunk = manifest[key];
    if (!chunk) throw new Error(`The build has no chunk ${key}`);
    loadedFor(chunk.imports ?? [], found);
  }
  return found;
}
const codeOf = (key: string) => readFileSync(join(dist, manifest[key]?.file ?? ""));
const gzippedBytes = (keys: Iterable<string>) =>
  [...keys].reduce((sum, key) => sum + gzipSync(codeOf(key), { level: 9 }).length, 0);

const texts = (name: string) => `src/i18n/locales/${name}.ts`;
const login = ["index.html"];
const inbox = "src/signed-in.tsx";
const chat = "src/components/inbox/conversation.tsx";
const englishLogin = [...login, texts("start-en")];

describe.each([
  { page: "login", language: "Portuguese", keys: login, maxBytes: 130_000 },
  { page: "login", language: "English", keys: englishLogin, maxBytes: 130_000 },
  { page: "inbox", language: "Portuguese", keys: [...login, inbox, texts("pt-br")], maxBytes: 200_000 },
  { page: "inbox", language: "English", keys: [...englishLogin, inbox, texts("en")], maxBytes: 200_000 },
  // What follows at once: an open chat.
  { page: "open chat", language: "English", keys: [...englishLogin, inbox, chat, texts("en")], maxBytes: 240_000 },
])("the $page in $language", ({ keys, maxBytes }) => {
  const loaded = loadedFor(keys);

  test("loads no more JavaScript than its budget, gzipped", () => {
    expect(gzippedBytes(loaded)).toBeLessThanOrEqual(maxBytes);
  });

  test("loads no zod, whose schemas only servers need", () => {
    // zod keeps the internals of each schema in this property, which no minifier renames.
    const { resolve } = createRequire(join(import.meta.dirname, "../../../../packages/contracts/package.json"));
    expect(readFileSync(join(dirname(resolve("zod/v4/core")), "core.js"), "utf8")).toContain("_zod");
    for (const key of loaded) expect({ key, hasZod: codeOf(key).includes("_zod") }).toEqual({ key, hasZod: false });
  });

  test("loads numbering plans and the drawing of QR codes only when something needs them", () => {
    for (const name of ["libphonenumber-js", "qrcode"]) {
      const key = Object.keys(manifest).find((each) => each.includes(`node_modules/${name}/`));
      expect([name, manifest[key ?? ""]?.isDynamicEntry]).toEqual([name, true]);
      expect(loaded).not.toContain(key);
    }
  });
});
