import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import type { LibraryVersions } from "./library-versions.ts";

/** The part of vitest's JSON report that is read here. */
const Report = z.object({
  testResults: z.array(
    z.object({
      message: z.string().default(""),
      assertionResults: z.array(
        z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()).default([]) }),
      ),
    }),
  ),
});

export interface EngineReport {
  text: string;
  /** 0: every test passed. 1: something broke. 2: no test ran. */
  exitCode: 0 | 1 | 2;
}

/** Says what a run of the conformance suite with other versions of the libraries means. */
export function engineReport(before: LibraryVersions, after: LibraryVersions, reportFile: string): EngineReport {
  const versions = [
    versionLine("@wppconnect-team/wppconnect", before.wppconnect, after.wppconnect),
    versionLine("@wppconnect/wa-js", before.waJs, after.waJs),
  ];
  const report = existsSync(reportFile) ? Report.safeParse(JSON.parse(readFileSync(reportFile, "utf8"))) : undefined;
  const files = report?.data?.testResults ?? [];
  const tests = files.flatMap((file) => file.assertionResults);
  const failed = tests.filter(({ status }) => status === "failed");
  const passed = tests.filter(({ status }) => status === "passed");
  if (passed.length + failed.length === 0) {
    const reasons = files.map(({ message }) => firstLine(message)).filter((line) => line !== "");
    return { text: [...versions, "no test ran", ...reasons].join("\n"), exitCode: 2 };
  }
  const broken = failed.flatMap(({ fullName, failureMessages }) => [
    `broke: ${fullName}`,
    `  ${firstLine(failureMessages[0] ?? "")}`,
  ]);
  const summary = `${passed.length} tests passed, ${failed.length} broke`;
  return { text: [...versions, ...broken, summary].join("\n"), exitCode: failed.length === 0 ? 0 : 1 };
}

const versionLine = (name: string, before: string, after: string) =>
  before === after ? `${name}: ${after} (unchanged)` : `${name}: ${before} -> ${after}`;

const firstLine = (text: string) => text.split("\n", 1)[0] ?? "";
