import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const service = new URL("../../", import.meta.url);
const page = readFileSync(new URL("../../docs/whatsapp-engine.md", service), "utf8");
const tests = [new URL("test/", service), new URL("conformance/", service)]
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(new URL(name, folder), "utf8")),
  )
  .join("\n");

/** Parses the rows "| number | problem | handling | tests |". */
const problems = [...page.matchAll(/^\| (\d+) \|.*\| ([^|]+) \|$/gm)].map(([, number, titles = ""]) => ({
  number: Number(number),
  titles: [...titles.matchAll(/`([^`]+)`/g)].map(([, title = ""]) => title),
}));

test("documents each problem of the library with tests that exist", () => {
  expect(problems.map(({ number }) => number)).toEqual(Array.from({ length: 23 }, (_, at) => at + 1));
  for (const { number, titles } of problems) {
    expect(titles.length, `problem ${number}`).toBeGreaterThan(0);
    for (const title of titles) expect(tests.includes(`"${title}"`), `problem ${number}: ${title}`).toBe(true);
  }
});
