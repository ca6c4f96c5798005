import { join } from "node:path";
import { root } from "../paths.ts";
import { runTool } from "../tools.ts";
import { type Counts, countsOf } from "./report.ts";

/** Folder for vitest's JSON reports. */
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
