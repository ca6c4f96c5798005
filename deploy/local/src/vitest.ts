import { join } from "node:path";
import { root } from "./places.ts";
import { type Counts, countsOf } from "./test-report.ts";
import { runTool } from "./tools.ts";

/** Where each run of vitest writes what became of its tests. */
export const reports = join(root, ".reports");

export async function runVitest(
  name: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ counts: Counts; reportFile: string }> {
  const reportFile = join(reports, `${name}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
  const code = await runTool("vitest", ["run", ...reporters, ...args], { env: { ...env, CI: "true" } });
  return { counts: countsOf(reportFile, code), reportFile };
}
