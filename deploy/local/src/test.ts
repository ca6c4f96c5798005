import { mkdirSync, rmSync } from "node:fs";
import { reportLine } from "./check.ts";
import { runChecks } from "./checks.ts";
import { requireChromium } from "./chromium.ts";
import { runConformance } from "./conformance.ts";
import { requireRedis } from "./infrastructure.ts";
import { say } from "./say.ts";
import { type Counts, lastLine, sum } from "./test-report.ts";
import { buildChanged, endToolsOnSignals } from "./tools.ts";
import { reports, runVitest } from "./vitest.ts";

/** `npm test`: the checks, then tests against real servers, then a real browser. Everything runs, whatever fails before it. */
export async function run(args: string[]): Promise<void> {
  endToolsOnSignals();
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const lines: string[] = [];
  const note = (name: string, seconds: number, passed: boolean) => {
    lines.push(reportLine(name, seconds, passed));
    say(lines.at(-1));
  };
  const step = async (name: string, work: () => Promise<Counts>) => {
    const startedAt = performance.now();
    const counts = await work().catch((err: unknown): Counts => {
      say(err instanceof Error ? err.message : String(err));
      return { passed: 0, failed: 1, skipped: 0 };
    });
    note(name, (performance.now() - startedAt) / 1_000, counts.failed === 0);
    return counts;
  };
  const failedChecks = await runChecks((check, seconds, passed) => note(check.name, seconds, passed));
  const results = [
    { passed: 0, failed: failedChecks.length, skipped: 0 },
    await step("build", () => buildChanged().then(() => ({ passed: 0, failed: 0, skipped: 0 }))),
    await step("unit and integration tests", async () => {
      await requireRedis();
      const { counts } = await runVitest("unit", args, { CHROMIUM_PATH: await requireChromium() });
      return counts;
    }),
    await step("conformance of the engines", () => runConformance(args)),
    await step("browser tests", async () => {
      const browserArgs = ["--config", "packages/testing/vitest.browser.config.ts", ...args];
      const { counts } = await runVitest("browser", browserArgs, { CHROMIUM_PATH: await requireChromium() });
      return counts;
    }),
  ];
  const total = sum(results);
  say(`\n${lines.join("\n")}\n`);
  if (failedChecks.length > 0) say(`failed checks: ${failedChecks.join(", ")}`);
  process.exitCode = total.failed === 0 ? 0 : 1;
  say(lastLine(total));
}
