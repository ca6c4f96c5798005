import { mkdirSync, rmSync } from "node:fs";
import { runChecks } from "../checks/checks.ts";
import { print } from "../console.ts";
import { requireChromium } from "../machine/chromium.ts";
import { requireRedis } from "../machine/redis.ts";
import { type Counts, sum, summaryLine } from "../test-run/report.ts";
import { reports, runVitest } from "../test-run/vitest.ts";
import { buildChangedPackages, forwardSignalsToTools } from "../tools.ts";
import { reportLine } from "./check.ts";
import { runConformance } from "./conformance.ts";

/** `npm test`: static checks, then tests with real servers, then tests in a real browser. A failed stage does not stop the next. */
export async function run(args: string[]): Promise<void> {
  forwardSignalsToTools();
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const lines: string[] = [];
  const note = (name: string, seconds: number, passed: boolean) => {
    lines.push(reportLine(name, seconds, passed));
    print(lines.at(-1));
  };
  const step = async (name: string, work: () => Promise<Counts>) => {
    const startedAt = performance.now();
    const counts = await work().catch((err: unknown): Counts => {
      print(err instanceof Error ? err.message : String(err));
      return { passed: 0, failed: 1, skipped: 0 };
    });
    note(name, (performance.now() - startedAt) / 1_000, counts.failed === 0);
    return counts;
  };
  const failedChecks = await runChecks((check, seconds, passed) => note(check.name, seconds, passed));
  const results = [
    { passed: 0, failed: failedChecks.length, skipped: 0 },
    await step("build", () => buildChangedPackages().then(() => ({ passed: 0, failed: 0, skipped: 0 }))),
    await step("unit and integration tests", async () => {
      await requireRedis();
      const { counts } = await runVitest("unit", args, { CHROMIUM_PATH: await requireChromium() });
      return counts;
    }),
    await step("conformance of the engines", () => runConformance(args)),
    await step("browser tests", async () => {
      const browserArgs = ["--config", "packages/e2e/vitest.config.ts", ...args];
      const { counts } = await runVitest("browser", browserArgs, { CHROMIUM_PATH: await requireChromium() });
      return counts;
    }),
  ];
  const total = sum(results);
  print(`\n${lines.join("\n")}\n`);
  if (failedChecks.length > 0) print(`failed checks: ${failedChecks.join(", ")}`);
  process.exitCode = total.failed === 0 ? 0 : 1;
  print(summaryLine(total));
}
