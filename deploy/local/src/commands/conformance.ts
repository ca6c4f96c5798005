import { mkdirSync } from "node:fs";
import { print } from "../console.ts";
import { requireChromium } from "../machine/chromium.ts";
import { type Counts, countsByGroup, summaryLine } from "../test-run/report.ts";
import { reports, runVitest } from "../test-run/vitest.ts";
import { forwardSignalsToTools } from "../tools.ts";

const config = "services/whatsapp-connector/conformance/vitest.config.ts";

/** `npm run conformance`: runs the suite that every WhatsApp engine must pass. */
export async function run(args: string[]): Promise<void> {
  forwardSignalsToTools();
  mkdirSync(reports, { recursive: true });
  const { failed } = await runConformance(args);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** Runs the suite and prints a line of counts for each engine. */
export async function runConformance(args: string[]): Promise<Counts> {
  const CHROMIUM_PATH = await requireChromium();
  const { counts, reportFile } = await runVitest("conformance", ["--config", config, ...args], { CHROMIUM_PATH });
  for (const [engine, ofEngine] of countsByGroup(reportFile)) print(summaryLine(ofEngine, engine));
  return counts;
}
