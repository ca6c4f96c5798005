import { runTool } from "./tools.ts";

export interface Check {
  name: string;
  command: string;
  args: string[];
}

/** The static part, cheapest first. Each is independent, so that one run names everything that is wrong. */
const checks: readonly Check[] = [
  { name: "lint and format (biome)", command: "biome", args: ["check", "--error-on-warnings", "."] },
  { name: "boundaries (turbo)", command: "turbo", args: ["boundaries"] },
  {
    name: "types (tsc)",
    command: "turbo",
    args: ["run", "typecheck", "--continue", "--output-logs=errors-only"],
  },
  { name: "dead code (knip)", command: "knip", args: ["--no-progress"] },
  {
    name: "API documents are current",
    command: "pnpm",
    args: ["--filter", "@syszap/contracts", "--silent", "run", "generate:check"],
  },
  {
    name: "published packages (publint, attw)",
    command: "pnpm",
    args: ["--filter", "@syszap/contracts", "--filter", "@syszap/client*", "--silent", "run", "check:package"],
  },
  { name: "licences are current", command: "node", args: ["deploy/build/list-licences.mjs", "--check"] },
];

/** Runs all of them, shows what the failed ones said, and resolves with the failed names. */
export async function runChecks(onDone: (check: Check, seconds: number, passed: boolean) => void): Promise<string[]> {
  const failed: string[] = [];
  for (const check of checks) {
    const startedAt = performance.now();
    const passed = (await runTool(check.command, check.args, { isQuiet: true })) === 0;
    if (!passed) failed.push(check.name);
    onDone(check, (performance.now() - startedAt) / 1_000, passed);
  }
  return failed;
}
