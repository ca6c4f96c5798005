import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../chromium.ts";
import { origin, serveScriptedProduct } from "./scripted-product.ts";
import { now, timeZone } from "./seed/ids.ts";
import { agent, owner } from "./seed/people.ts";
import { type View, type Visitor, views } from "./views.ts";

export const languages = ["pt-BR", "en"] as const;
export const themes = ["light", "dark"] as const;
/** In the order of the visits. The width of the phone is also that of a page of 1,280 pixels at 400 % zoom. */
export const sizes = {
  desktop: { width: 1_280, height: 800 },
  tablet: { width: 820, height: 1_100 },
  phone: { width: 320, height: 640 },
} as const;
export type Language = (typeof languages)[number];
export type Theme = (typeof themes)[number];
export type Size = keyof typeof sizes;

export interface Stop {
  page: Page;
  view: View;
  language: Language;
  theme: Theme;
  size: Size;
}
interface WalkOptions {
  browser: Browser;
  languages: readonly Language[];
  /** Selects views by name. */
  includes?: (name: string) => boolean;
  /** Leaves visits out, such as those of dialogs in every size. */
  isWanted?: (stop: Omit<Stop, "page">) => boolean;
  visit: (stop: Stop) => Promise<void>;
}

/** Charts measure their width this long after the last change. */
const resizeDebounceMs = 60;

/** Pages look the same whatever the fonts and the display of the machine are. */
const stableDrawing = [
  "--font-render-hinting=none",
  "--disable-lcd-text",
  "--force-color-profile=srgb",
  "--hide-scrollbars",
];

export const launchBrowser = (): Promise<Browser> => launchChromium(...stableDrawing);

export interface WalkResult {
  /** Requests without a seeded answer. */
  missing: string[];
  /** Views that could not be opened, and errors of their scripts. */
  failures: string[];
}

/** Opens each view once per language, and visits it in each theme and size. Each visitor keeps one page, whose scripts are compiled once. */
export async function walk({
  browser,
  languages,
  includes = () => true,
  isWanted = () => true,
  visit,
}: WalkOptions): Promise<WalkResult> {
  const missing = new Set<string>();
  const failures: string[] = [];
  for (const language of languages)
    for (const visitor of ["nobody", "owner", "agent", "operator"] as const) {
      const chosen = views.filter(({ as = "owner", name }) => as === visitor && includes(name));
      if (chosen.length === 0) continue;
      const { context, requests } = await openProfile(browser, visitor, language);
      const page = await context.newPage();
      for (const view of chosen)
        await showView(page, { view, language, isWanted, visit }).catch(
          (error: unknown) => void failures.push(`${view.name}: ${error}`),
        );
      for (const request of requests.missing) missing.add(request);
      await context.close();
    }
  return { missing: [...missing].sort(), failures };
}

async function openProfile(browser: Browser, visitor: Visitor, language: Language) {
  const context = await browser.newContext({
    locale: language,
    timezoneId: timeZone,
    viewport: sizes.desktop,
    // A theme that changes while a page is open would otherwise be seen half-way.
    reducedMotion: "reduce",
    serviceWorkers: "block",
  });
  context.setDefaultTimeout(30_000);
  await context.clock.setFixedTime(now);
  const requests = await serveScriptedProduct(context, { ...(visitor === "agent" ? agent : owner), language });
  const entries: Record<string, string> = { "syszap.language": language };
  if (visitor === "owner" || visitor === "agent") entries["syszap.signed-in"] = "1";
  if (visitor === "operator") entries["syszap-operator.signed-in"] = "1";
  await context.addInitScript(
    `for (const [key, value] of Object.entries(${JSON.stringify(entries)})) localStorage.setItem(key, value);`,
  );
  return { context, requests };
}

async function showView(
  page: Page,
  {
    view,
    language,
    isWanted,
    visit,
  }: { view: View; language: Language } & Required<Pick<WalkOptions, "isWanted" | "visit">>,
): Promise<void> {
  const errors: string[] = [];
  const record = (error: Error) => void errors.push(String(error));
  page.on("pageerror", record);
  await page.setViewportSize(sizes.desktop);
  await page.mouse.move(0, 0);
  await page.goto(`${origin}${view.path}`);
  await page.getByTestId(view.ready).first().waitFor();
  await view.open?.(page);
  for (const size of Object.keys(sizes) as Size[]) {
    await page.setViewportSize(sizes[size]);
    for (const theme of themes) {
      if (!isWanted({ view, language, theme, size })) continue;
      await page.emulateMedia({ colorScheme: theme });
      await isDrawn(page);
      await visit({ page, view, language, theme, size });
    }
  }
  page.off("pageerror", record);
  if (errors.length > 0) throw new Error(errors.join(", "));
}

/** Resolves when fonts are loaded and charts have followed a change of their size. */
async function isDrawn(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    await document.fonts.ready;
    await new Promise((resolve) => setTimeout(resolve, ${resizeDebounceMs}));
    for (let frame = 0; frame < 2; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
  })()`);
}

export const takePicture = (page: Page): Promise<Buffer> =>
  page.screenshot({ animations: "disabled", caret: "hide", scale: "css" });
