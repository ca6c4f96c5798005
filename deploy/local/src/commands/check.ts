import { runChecks } from "../checks/checks.ts";
import { print } from "../console.ts";
import { forwardSignalsToTools } from "../tools.ts";

/** `npm run check`: all static checks. */
export async function run(): Promise<void> {
  forwardSignalsToTools();
  const failed = await runChecks((check, seconds, passed) => print(reportLine(check.name, seconds, passed)));
  print(failed.length === 0 ? "all checks passed" : `failed: ${failed.join(", ")}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

export const reportLine = (name: string, seconds: number, passed: boolean): string =>
  `${passed ? "✓" : "✗"} ${name.padEnd(32)} ${seconds.toFixed(1).padStart(6)} s`;
