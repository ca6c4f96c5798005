import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { requireChromium } from "../machine/chromium.ts";
import { root } from "../paths.ts";
import { runTool } from "../tools.ts";
import { type Counts, countsOf } from "./report.ts";

/** A set of test files with its own vitest configuration. */
export interface Suite {
  title: string;
  config: string;
  /** A project of the configuration. Default: all. */
  project?: string;
  reportFile: string;
  /** True if the test file, or a test file below the folder, may belong to the suite. The path is relative to the root. */
  includes: (path: string) => boolean;
}

const reportsFolder = join(root, ".reports");
const conformanceFolder = "services/whatsapp-connector/conformance";
const browserFolder = "packages/e2e";

const isBelow = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);
const isRelated = (path: string, folder: string) => isBelow(path, folder) || isBelow(folder, path);
const isBrowserTest = (path: string) => path.endsWith(".browser.test.ts");
const isTestFile = (path: string) => /\.test\.tsx?$/.test(path);

/** Tests of single packages and services, against real Redis and Postgres servers. */
export const unitSuite: Suite = {
  title: "unit and integration tests",
  config: "vitest.config.ts",
  reportFile: join(reportsFolder, "unit.json"),
  includes: (path) => !isBelow(path, conformanceFolder) && !isBelow(path, browserFolder) && !isBrowserTest(path),
};

/** The suite that every WhatsApp engine must pass. */
export const conformanceSuite: Suite = {
  title: "conformance of the engines",
  config: `${conformanceFolder}/vitest.config.ts`,
  reportFile: join(reportsFolder, "conformance.json"),
  includes: (path) => isRelated(path, conformanceFolder),
};

/** Tests in a real browser and of the whole product. */
const browserSuite: Suite = {
  title: "browser tests",
  config: `${browserFolder}/vitest.config.ts`,
  reportFile: join(reportsFolder, "browser.json"),
  includes: (path) =>
    isRelated(path, browserFolder) || isBrowserTest(path) || (!isTestFile(path) && isRelated(path, "packages/chaos")),
};

const browserProject = (project: string, title: string): Suite => ({
  ...browserSuite,
  ...{ title, project, reportFile: join(reportsFolder, `${project}.json`) },
});

/** The suites that the path of a test file may belong to. */
export const suites: readonly Suite[] = [unitSuite, conformanceSuite, browserSuite];

/** All tests in parts that may run side by side, those that take longest first. */
export const parts: readonly Suite[] = [
  unitSuite,
  browserProject("browser", "browser tests"),
  browserProject("products", "tests that start products"),
  browserProject("pages", "accessibility and looks of pages"),
  conformanceSuite,
];

export function clearReports(): void {
  rmSync(reportsFolder, { recursive: true, force: true });
  mkdirSync(reportsFolder, { recursive: true });
}

/** Runs a suite with additional vitest arguments. With `isQuiet` its output is printed only if it fails. */
export async function runSuite(
  suite: Suite,
  args: string[] = [],
  options: { isQuiet?: boolean } = {},
): Promise<Counts> {
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${suite.reportFile}`];
  const project = suite.project === undefined ? [] : ["--project", suite.project];
  const code = await runTool("vitest", ["run", "--config", suite.config, ...project, ...reporters, ...args], {
    ...options,
    env: { CI: "true", CHROMIUM_PATH: await requireChromium() },
  });
  return countsOf(suite.reportFile, code);
}
