/** A set of test files with its own vitest configuration. */
export interface Suite {
  name: string;
  /** File name of its report. */
  report: string;
  config: string;
  /** Folders, or file name parts, whose tests belong to this suite. The unit suite takes all other files. */
  owns: (path: string) => boolean;
}

const conformanceFolder = "services/whatsapp-connector/conformance";

/** All test files of the repository. They run against real servers; the browser suite also runs the whole product. */
export const suites = {
  unit: {
    name: "unit and integration tests",
    report: "unit",
    config: "vitest.config.ts",
    owns: (path) => !suites.conformance.owns(path) && !suites.browser.owns(path),
  },
  conformance: {
    name: "conformance of the engines",
    report: "conformance",
    config: `${conformanceFolder}/vitest.config.ts`,
    owns: (path) => path.startsWith(conformanceFolder),
  },
  browser: {
    name: "browser tests",
    report: "browser",
    config: "packages/e2e/vitest.config.ts",
    owns: (path) => path.startsWith("packages/e2e") || path.endsWith(".browser.test.ts"),
  },
} satisfies Record<string, Suite>;
