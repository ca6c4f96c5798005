import { join } from "node:path";
import { exitWithError } from "../console.ts";
import { requireChromium } from "../machine/chromium.ts";
import { root } from "../paths.ts";
import { buildChangedPackages, forwardSignalsToTools, runTool } from "../tools.ts";

/** `npm run screenshots`: pictures of every page and dialog in `.screenshots`, see packages/e2e. */
export async function run(args: string[]): Promise<void> {
  try {
    forwardSignalsToTools();
    const CHROMIUM_PATH = await requireChromium();
    await buildChangedPackages();
    const main = join(root, "packages/e2e/src/walk/make-screenshots.ts");
    const options = ["--import", import.meta.resolve("tsx"), main, ...args];
    process.exitCode = await runTool(process.execPath, options, { env: { CHROMIUM_PATH } });
  } catch (err) {
    exitWithError(err);
  }
}
