import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { compared, difference } from "../src/walk/compare.ts";
import { launchBrowser, type Stop, sizes, takePicture, walk } from "../src/walk/walk.ts";

interface Finding {
  id: string;
  impact: string | null;
  nodes: { html: string; failureSummary?: string }[];
}

/** Findings that keep somebody from using the page, one text for each element. */
async function seriousFindings(page: Page): Promise<string[]> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe.source);
  const findings: Finding[] = await page.evaluate(
    `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)`,
  );
  return findings
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}

/** Areas whose content is wider than they are: a part of it is cut off, or must be scrolled to in two directions. */
const wideAreas = `[document.documentElement, ...document.querySelectorAll("*")]
  .filter((element) => {
    const { overflowX, overflowY } = getComputedStyle(element);
    const scrolls = element === document.documentElement || overflowY === "auto" || overflowY === "scroll";
    return scrolls && overflowX !== "hidden" && element.scrollWidth > element.clientWidth + 1;
  })
  .map((element) => "wider than the screen: " + element.tagName + "." + element.className)`;

/** Animations of a page that was asked for reduced motion. */
const animations = `document.getAnimations()
  .filter(({ playState }) => playState === "running")
  .map(({ animationName, transitionProperty, effect }) =>
    "moves: " + (animationName ?? transitionProperty) + " of " + effect.target.outerHTML.slice(0, 200))`;

/** The height of the area in which the element scrolls. */
const heightOfList = (testId: string) => `(() => {
  let area = document.querySelector('[data-testid="${testId}"]');
  while (area && !["auto", "scroll"].includes(getComputedStyle(area).overflowY)) area = area.parentElement;
  return area?.clientHeight ?? 0;
})()`;

/** 1,280 × 1,024 pixels at 400 % zoom. */
const lowest = { width: 320, height: 256 };
const leastListHeight = 120;

async function lowLists({ page, view }: Stop): Promise<string[]> {
  if (view.name !== "chats" && view.name !== "chat") return [];
  await page.setViewportSize(lowest);
  const height: number = await page.evaluate(heightOfList(view.ready));
  await page.setViewportSize(sizes.phone);
  return height < leastListHeight ? [`the list is ${height} pixels high on a screen of ${lowest.height}`] : [];
}

test("every page and dialog is accessible, fits 320 pixels, does not move if that is not wanted, and looks as it did", async () => {
  const browser = await launchBrowser();
  const problems: string[] = [];
  const { missing, failures } = await walk({
    browser,
    languages: ["pt-BR"],
    // Dialogs and menus have one layout, which must fit the smallest screen.
    isWanted: ({ view, theme, size }) =>
      !view.open || (theme === "light" && size === "phone") || (theme === "dark" && size === "desktop"),
    visit: async (stop) => {
      const { page, view, theme, size } = stop;
      const found = await seriousFindings(page);
      found.push(...((await page.evaluate(animations)) as string[]));
      if (size === "phone" && theme === "light")
        found.push(...((await page.evaluate(wideAreas)) as string[]), ...(await lowLists(stop)));
      const wanted = compared[view.name];
      if (wanted?.theme === theme && wanted.size === size) {
        const changed = await difference(view.name, await takePicture(page));
        if (changed) found.push(changed);
      }
      problems.push(...found.map((text) => `${view.name}, ${theme}, ${size}: ${text}`));
    },
  });
  await browser.close();
  expect(failures).toEqual([]);
  expect(problems, problems.join("\n")).toEqual([]);
  expect(missing, "requests without a seeded answer").toEqual([]);
});
