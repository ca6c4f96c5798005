import { mkdirSync } from "node:fs";
import { requireChromium } from "./chromium.ts";
import { say } from "./say.ts";
import { type Counts, countsByGroup, lastLine } from "./test-report.ts";
import { endToolsOnSignals } from "./tools.ts";
import { reports, runVitest } from "./vitest.ts";

const config = "services/whatsapp-connector/conformance/vitest.config.ts";

/** `npm run conformance`: the one suite that every engine passes. */
export async function run(args: string[]): Promise<void> {
  endToolsOnSignals();
  mkdirSync(reports, { recursive: true });
  const { failed } = await runConformance(args);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** Prints a line for each engine. */
export async function runConformance(args: string[]): Promise<Counts> {
  const CHROMIUM_PATH = await requireChromium();
  const { counts, reportFile } = await runVitest("conformance", ["--config", config, ...args], { CHROMIUM_PATH });
  for (const [engine, ofEngine] of countsByGroup(reportFile)) say(lastLine(ofEngine, engine));
  return counts;
}
