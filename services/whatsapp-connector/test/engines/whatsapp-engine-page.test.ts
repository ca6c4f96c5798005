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

/** Of the rows "| number | trap | handled | tests |". */
const traps = [...page.matchAll(/^\| (\d+) \|.*\| ([^|]+) \|$/gm)].map(([, number, titles = ""]) => ({
  number: Number(number),
  titles: [...titles.matchAll(/`([^`]+)`/g)].map(([, title = ""]) => title),
}));

test("each trap of the library is on the page, with tests that exist", () => {
  expect(traps.map(({ number }) => number)).toEqual(Array.from({ length: 19 }, (_, at) => at + 1));
  for (const { number, titles } of traps) {
    expect(titles.length, `trap ${number}`).toBeGreaterThan(0);
    for (const title of titles) expect(tests.includes(`"${title}"`), `trap ${number}: ${title}`).toBe(true);
  }
});
