import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const src = join(import.meta.dirname, "../src");
const sources = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => ({ file, text: readFileSync(join(src, file), "utf8") }));
const filesWith = (pattern: RegExp) => sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file);

test("no path of the REST API is written by hand: `api.call` takes it from the contracts", () => {
  expect(filesWith(/["'`]\/v1\//)).toEqual([]);
});

test("the contracts' main entry is imported for types only, because its values bring every zod schema", () => {
  expect(filesWith(/^(import (?!type\b)|export )[^;]*from "@syszap\/contracts";/m)).toEqual([]);
});
