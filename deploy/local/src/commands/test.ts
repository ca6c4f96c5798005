import { existsSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import pLimit from "p-limit";
import { runChecks } from "../checks/checks.ts";
import { exitWithError, print } from "../console.ts";
import { requireChromium } from "../machine/chromium.ts";
import {
  nginxProgram,
  pgbouncerProgram,
  postgresClientProgram,
  promtoolProgram,
  requireProgram,
} from "../machine/installed-command.ts";
import { requireRedis } from "../machine/redis.ts";
import { root } from "../paths.ts";
import { type Counts, countsByGroup, noTests, sum, summaryLine } from "../test-run/report.ts";
import { clearReports, conformanceSuite, parts, runSuite, type Suite, suites, unitSuite } from "../test-run/suites.ts";
import { buildChangedPackages, forwardSignalsToTools } from "../tools.ts";
import { reportLine } from "./check.ts";

/**
 * `npm test` runs all checks and all tests. `npm test -- PATH…` runs only the test files at or below these paths, without the
 * checks. Options, such as `-t "part of a title"`, are passed on to vitest.
 */
export async function run(args: string[]): Promise<void> {
  forwardSignalsToTools();
  clearReports();
  const paths = args.filter((arg) => existsSync(join(root, arg)) && !arg.startsWith("-"));
  const total = paths.length > 0 ? await runPaths(paths, args) : await runEverything(args);
  process.exitCode = total.failed === 0 ? 0 : 1;
  print(summaryLine(total));
}

async function runPaths(paths: string[], args: string[]): Promise<Counts> {
  await prepare();
  const relativePaths = paths.map((path) => relative(root, resolve(root, path)));
  const options = args.filter((arg) => !paths.includes(arg));
  const results: Counts[] = [];
  for (const suite of suites) {
    const matching = relativePaths.filter((path) => suite.includes(path));
    if (matching.length === 0) continue;
    results.push(await runSuite(suite, ["--passWithNoTests", ...options, ...matching.map(filterFor)]));
  }
  const total = sum(results);
  if (total.passed + total.failed + total.skipped === 0)
    exitWithError(`No test file is at or below ${paths.join(", ")}.`);
  return total;
}

/** vitest matches filters as substrings of absolute paths: the trailing slash keeps packages/client from matching client-react. */
function filterFor(path: string): string {
  const absolute = join(root, path);
  return statSync(absolute).isDirectory() ? `${absolute}/` : absolute;
}

/**
 * A failed stage does not stop the next one. The checks run beside the build. Then two parts of the tests run at a time: more would
 * compete for the processor and need more memory.
 */
async function runEverything(options: string[]): Promise<Counts> {
  const lines: string[] = [];
  const report = (name: string, seconds: number, passed: boolean) => {
    lines.push(reportLine(name, seconds, passed));
    print(lines.at(-1));
  };
  const stage = async (name: string, work: () => Promise<Counts>): Promise<Counts> => {
    const startedAt = performance.now();
    const counts = await work().catch((err: unknown): Counts => {
      print(err instanceof Error ? err.message : String(err));
      return { passed: 0, failed: 1, skipped: 0 };
    });
    report(name, (performance.now() - startedAt) / 1_000, counts.failed === 0);
    return counts;
  };
  const suiteStage = (suite: Suite) =>
    stage(suite.title, () => runSuite(suite, options, { isQuiet: suite !== unitSuite }));

  const [failedChecks, build] = await Promise.all([
    runChecks((check, seconds, passed) => report(check.name, seconds, passed)),
    stage("build", () => prepare().then(() => noTests)),
  ]);
  const atATime = pLimit(2);
  const tests = await Promise.all(parts.map((part) => atATime(() => suiteStage(part))));
  print(`\n${lines.join("\n")}\n`);
  for (const [engine, counts] of countsByGroup(conformanceSuite.reportFile)) print(summaryLine(counts, engine));
  if (failedChecks.length > 0) print(`failed checks: ${failedChecks.join(", ")}`);
  return sum([{ ...noTests, failed: failedChecks.length }, build, ...tests]);
}

async function prepare(): Promise<void> {
  await requireRedis();
  await requireChromium();
  await requireProgram(nginxProgram);
  await requireProgram(promtoolProgram);
  await requireProgram(pgbouncerProgram);
  await requireProgram(postgresClientProgram);
  await buildChangedPackages();
}
