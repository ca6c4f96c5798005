import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The part of vitest's JSON report that is read here. */
const Report = z.object({
  success: z.boolean(),
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string(), ancestorTitles: z.array(z.string()).default([]) })),
    }),
  ),
});

/** Counts the tests of one vitest run. A missing report, or a test file that fails to load, counts as a failure. */
export function countsOf(reportFile: string, exitCode: number): Counts {
  const report = existsSync(reportFile) ? Report.safeParse(JSON.parse(readFileSync(reportFile, "utf8"))) : undefined;
  if (report?.success !== true) return { passed: 0, failed: 1, skipped: 0 };
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = report.data;
  const broken = testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.every(({ status }) => status !== "failed"),
  ).length;
  const failed = numFailedTests + broken;
  const isSilentFailure = failed === 0 && (exitCode !== 0 || !report.data.success);
  return { passed: numPassedTests, failed: isSilentFailure ? 1 : failed, skipped: numPendingTests + numTodoTests };
}

/** Counts the tests of one run by their outermost `describe` title. */
export function countsByGroup(reportFile: string): Map<string, Counts> {
  const groups = new Map<string, Counts>();
  const report = existsSync(reportFile) ? Report.safeParse(JSON.parse(readFileSync(reportFile, "utf8"))) : undefined;
  for (const { status, ancestorTitles } of report?.data?.testResults.flatMap((file) => file.assertionResults) ?? []) {
    const group = ancestorTitles[0] ?? "";
    const counts = groups.get(group) ?? { passed: 0, failed: 0, skipped: 0 };
    counts[status === "passed" || status === "failed" ? status : "skipped"] += 1;
    groups.set(group, counts);
  }
  return groups;
}

export const noTests: Counts = { passed: 0, failed: 0, skipped: 0 };

export const sum = (all: readonly Counts[]): Counts =>
  all.reduce(
    (total, each) => ({
      passed: total.passed + each.passed,
      failed: total.failed + each.failed,
      skipped: total.skipped + each.skipped,
    }),
    noTests,
  );

/** Formats counts as the closing line of `npm test` and of each engine's conformance run. CI parses this format. */
export const summaryLine = ({ passed, failed, skipped }: Counts, what = "tests"): string =>
  `${what}: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
