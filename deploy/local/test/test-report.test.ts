import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { countsByGroup, countsOf, sum, summaryLine } from "../src/test-run/report.ts";

function reportWith(report: object | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), "syszap-report-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "report.json");
  if (report !== undefined) writeFileSync(file, JSON.stringify(report));
  return file;
}
const good = {
  success: true,
  numPassedTests: 7,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [{ status: "passed", assertionResults: [{ status: "passed" }] }],
};

test("counts a successful run", () => {
  expect(countsOf(reportWith(good), 0)).toEqual({ passed: 7, failed: 0, skipped: 0 });
});

test("counts a test file that fails to load as a failure", () => {
  const broken = { status: "failed", assertionResults: [] };
  const failing = { status: "failed", assertionResults: [{ status: "failed" }] };
  const report = { ...good, success: false, numFailedTests: 2, testResults: [broken, failing] };
  expect(countsOf(reportWith(report), 1)).toEqual({ passed: 7, failed: 3, skipped: 0 });
});

test("counts a run with a bad exit code or without a report as a failure", () => {
  expect(countsOf(reportWith(good), 1).failed).toBe(1);
  expect(countsOf(reportWith(undefined), 0).failed).toBe(1);
});

test("counts tests by their outermost describe title", () => {
  const result = (engine: string, status: string) => ({ status, ancestorTitles: [engine, "linking"] });
  const assertionResults = [
    result("simulator", "passed"),
    result("wppconnect", "passed"),
    result("simulator", "failed"),
  ];
  const file = reportWith({ ...good, testResults: [{ status: "failed", assertionResults }] });
  const lines = [...countsByGroup(file)].map(([engine, counts]) => summaryLine(counts, engine));
  expect(lines).toEqual(["simulator: 1 passed, 1 failed", "wppconnect: 1 passed, 0 failed"]);
});

test("the summary line names skipped tests only if there are any", () => {
  const skipped = { ...good, numPendingTests: 1, numTodoTests: 1 };
  const total = sum([countsOf(reportWith(good), 0), countsOf(reportWith(skipped), 0)]);
  expect(summaryLine(total)).toBe("tests: 14 passed, 0 failed, 2 skipped");
  expect(summaryLine({ passed: 1, failed: 2, skipped: 0 })).toBe("tests: 1 passed, 2 failed");
});
