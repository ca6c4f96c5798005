import { migrations } from "@syszap/database";
import { print } from "../console.ts";
import { outdatedChartFiles } from "../helm/write-chart.ts";
import { root } from "../paths.ts";
import { runTool } from "../tools.ts";
import { findLargeFolders } from "./folder-sizes.ts";
import { findLayerCycles } from "./import-layers.ts";
import { lintMigrations } from "./migrations/lint-migrations.ts";
import { findRetiredTerms } from "./retired-terms.ts";
import { trackedFiles } from "./tracked-files.ts";

export interface Check {
  name: string;
  /** Prints the problems that it finds and resolves with true if there are none. */
  run: () => Promise<boolean>;
}

const tool =
  (command: string, ...args: string[]) =>
  async (): Promise<boolean> =>
    (await runTool(command, args, { isQuiet: true })) === 0;

/** Static checks, cheapest first. They are independent: one run reports every problem. */
const checks: readonly Check[] = [
  { name: "import layers", run: checkLayers },
  { name: "folder sizes", run: checkFolders },
  { name: "retired terms", run: checkTerms },
  { name: "migrations", run: checkMigrations },
  { name: "lint and format (biome)", run: tool("biome", "check", "--error-on-warnings", ".") },
  { name: "boundaries (turbo)", run: tool("turbo", "boundaries") },
  { name: "types for Node", run: tool("tsc", "-p", "tsconfig.node.json") },
  { name: "types for browsers", run: tool("tsc", "-p", "tsconfig.browser.json") },
  { name: "types of the stand-in's page", run: tool("tsc", "-p", "packages/whatsapp-web-stand-in/src/page") },
  { name: "dead code (knip)", run: tool("knip", "--no-progress") },
  {
    name: "API documents are current",
    run: tool("pnpm", "--filter", "@syszap/contracts", "--silent", "run", "generate:check"),
  },
  { name: "Helm chart is current", run: checkChart },
  {
    name: "published packages (publint, attw)",
    run: tool(
      "pnpm",
      "--filter",
      "@syszap/contracts",
      "--filter",
      "@syszap/client*",
      "--silent",
      "run",
      "check:package",
    ),
  },
  { name: "licences are current", run: tool("node", "deploy/build/list-licences.mjs", "--check") },
];

/** Runs every check, prints the output of those that fail, and resolves with their names. */
export async function runChecks(onDone: (check: Check, seconds: number, passed: boolean) => void): Promise<string[]> {
  const failed: string[] = [];
  for (const check of checks) {
    const startedAt = performance.now();
    const passed = await check.run();
    if (!passed) failed.push(check.name);
    onDone(check, (performance.now() - startedAt) / 1_000, passed);
  }
  return failed;
}

async function checkLayers(): Promise<boolean> {
  const cycles = findLayerCycles(root, trackedFiles(root, "*.ts", "*.tsx"));
  for (const { folder, entries, imports } of cycles) {
    print(`Import cycle in ${folder} between ${entries.join(", ")}:`);
    for (const each of imports) print(`  ${each}`);
  }
  return cycles.length === 0;
}

async function checkFolders(): Promise<boolean> {
  const problems = findLargeFolders(trackedFiles(root, "*.ts", "*.tsx"));
  for (const problem of problems) print(problem);
  return problems.length === 0;
}

/** The glossary and the list of retired terms name them on purpose. */
const mayNameRetiredTerms = [
  ":!docs/glossary.md",
  ":!CONTRIBUTING.md",
  ":!deploy/local/src/checks/retired-terms.ts",
  ":!deploy/local/test/checks/*",
];

async function checkTerms(): Promise<boolean> {
  const files = trackedFiles(root, "*.ts", "*.tsx", "*.mjs", "*.md", "*.yml", ...mayNameRetiredTerms);
  const problems = findRetiredTerms(root, files);
  for (const problem of problems) print(problem);
  return problems.length === 0;
}

async function checkMigrations(): Promise<boolean> {
  const problems = await lintMigrations(migrations);
  for (const problem of problems) print(problem);
  return problems.length === 0;
}

async function checkChart(): Promise<boolean> {
  const outdated = outdatedChartFiles();
  if (outdated.length > 0) print(`outdated in deploy/helm/syszap: ${outdated.join(", ")}. Run \`npm run generate\`.`);
  return outdated.length === 0;
}
