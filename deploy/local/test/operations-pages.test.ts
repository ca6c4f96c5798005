import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { trackedFiles } from "../src/checks/tracked-files.ts";
import { readRoot } from "../src/compose-file.ts";
import { root } from "../src/paths.ts";

const pages = [
  "README.md",
  "README.pt-BR.md",
  "CHANGELOG.md",
  "SECURITY.md",
  "deploy/README.md",
  "deploy/helm/README.md",
  "docs/operations.md",
  ...readdirSync(join(root, "docs/operations")).map((name) => `docs/operations/${name}`),
];

/** The anchors of a page's headings, as GitHub makes them. */
const anchorsOf = (page: string) =>
  [...readRoot(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );

test.for(pages)("every link of %s leads to a file and a heading that exist", (page) => {
  for (const [, link = ""] of readRoot(page).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^https?:/.test(link)) continue;
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? page : join(dirname(page), path);
    expect([link, existsSync(join(root, target))]).toEqual([link, true]);
    if (anchor !== undefined) expect([link, anchorsOf(target)]).toEqual([link, expect.arrayContaining([anchor])]);
  }
});

describe("the recipes for incidents", () => {
  const page = readRoot("docs/operations/incidents.md");
  const rules: { alert: string; annotations: { runbook?: string } }[] = parse(
    readRoot("deploy/monitoring/alerts.yml"),
  ).groups.flatMap((group: { rules: object[] }) => group.rules);
  const recipes = page.split(/^### /m).slice(1);

  test("exist for every alert, whose annotation leads to its recipe", () => {
    for (const { alert, annotations } of rules) {
      expect(recipes.some((recipe) => recipe.startsWith(`${alert}\n`))).toBe(true);
      expect([alert, annotations.runbook]).toEqual([alert, `docs/operations/incidents.md#${alert.toLowerCase()}`]);
    }
    const alerts = recipes.map((recipe) => /^Syszap\w+/.exec(recipe)?.[0]).filter((name) => name !== undefined);
    expect(alerts.sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });

  test("say how they were tried, with tests and scenarios that exist", () => {
    const files = trackedFiles(root, "*.test.ts").map((file) => file.replace(/^.*\//, ""));
    const scenarios =
      readRoot("docs/benchmarks.md") + readRoot("docs/decisions/087-replace-processes-under-load-in-a-test.md");
    for (const recipe of recipes) {
      if (/^A (key|release)/.test(recipe)) continue;
      const [, tried = ""] = /^Tried: (.+)$/m.exec(recipe) ?? [];
      expect([recipe.split("\n", 1)[0], tried]).toEqual([expect.any(String), expect.stringMatching(/\w/)]);
      for (const [, name = ""] of tried.matchAll(/`([\w-]+\.test\.ts)`/g)) expect(files).toContain(name);
      for (const [, name = ""] of tried.matchAll(/scenarios?[^;.]*?`([a-z]+(?:-[a-z]+)+)`/g))
        expect(scenarios).toContain(name);
    }
  });
});

describe("the page about scale", () => {
  const page = readRoot("docs/operations/scale.md");

  test("quotes figures that docs/benchmarks.md has", () => {
    const benchmarks = readRoot("docs/benchmarks.md");
    const [, table = ""] = /## What is measured\n([\s\S]*?)\n## /.exec(page) ?? [];
    const rows = table.split("\n").filter((row) => row.includes("| measured"));
    expect(rows.length).toBeGreaterThan(9);
    for (const row of rows) {
      const figures = row.split("|")[2]?.match(/[\d.,]*\d/g) ?? [];
      expect(figures.length).toBeGreaterThan(0);
      const section = row.split("|")[3]?.trim().split(/[,(]/)[0]?.trim() ?? "";
      const [, text = ""] =
        new RegExp(`^## ${section}\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, "m").exec(benchmarks) ?? [];
      for (const figure of figures) expect([row, text.includes(figure)]).toEqual([row, true]);
    }
  });

  test("calculates right", () => {
    const units: Record<string, number> = { KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, µs: 1e-6, ms: 1e-3, s: 1, cores: 1 };
    const amountOf = (text: string) => {
      const [, number = "", unit] = /^([\d.,]+)(?: (\S+))?$/.exec(text.trim()) ?? [];
      return Number(number.replaceAll(",", "")) * (unit === undefined ? 1 : (units[unit] ?? Number.NaN));
    };
    const term = String.raw`[\d.,]*\d(?: (?:KB|MB|GB|TB|µs|ms|s|cores)\b)?`;
    const calculations = [...page.matchAll(new RegExp(`(${term}(?: [×/] ${term})+) = (${term})`, "g"))];
    expect(calculations.length).toBeGreaterThan(20);
    for (const [text, left = "", right = ""] of calculations) {
      const [first = "", ...others] = left.split(/ (?=[×/] )/);
      const result = others.reduce(
        (value, other) => (other.startsWith("×") ? value * amountOf(other.slice(1)) : value / amountOf(other.slice(1))),
        amountOf(first),
      );
      expect([text, Math.abs(result / amountOf(right) - 1) < 0.03]).toEqual([text, true]);
    }
  });
});
