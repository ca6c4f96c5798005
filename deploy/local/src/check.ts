import { runChecks } from "./checks.ts";
import { say } from "./say.ts";
import { endToolsOnSignals } from "./tools.ts";

/** `npm run check`: everything that needs no test. */
export async function run(): Promise<void> {
  endToolsOnSignals();
  const failed = await runChecks((check, seconds, passed) => say(reportLine(check.name, seconds, passed)));
  say(failed.length === 0 ? "all checks passed" : `failed: ${failed.join(", ")}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

export const reportLine = (name: string, seconds: number, passed: boolean): string =>
  `${passed ? "✓" : "✗"} ${name.padEnd(32)} ${seconds.toFixed(1).padStart(6)} s`;
