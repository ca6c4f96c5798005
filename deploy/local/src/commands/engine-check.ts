import { rm } from "node:fs/promises";
import { join } from "node:path";
import { runCommandLine } from "@syszap/testing/command-line";
import { print } from "../console.ts";
import { engineReport } from "../engine-check/engine-report.ts";
import { newestVersions, pinnedVersions, pinVersions } from "../engine-check/library-versions.ts";
import { copyWorkingTree } from "../engine-check/temporary-checkout.ts";
import { requireChromium } from "../machine/chromium.ts";
import { root } from "../paths.ts";
import { forwardSignalsToTools, runTool } from "../tools.ts";

const usage = `Usage: npm run engine:check -- [options]

Options:
  --wppconnect VERSION   instead of the newest one
  --wa-js VERSION        instead of the newest one
  --keep                 keep the temporary copy`;
const options = {
  wppconnect: { type: "string" },
  "wa-js": { type: "string" },
  keep: { type: "boolean", default: false },
} as const;

/**
 * `npm run engine:check`: installs the newest wppconnect and wa-js in a temporary copy of the working tree and runs the conformance suite
 * of the engine there.
 */
export const run = (args: string[]): Promise<void> =>
  runCommandLine({ args, options, usage }, async ({ values }) => {
    forwardSignalsToTools();
    const before = pinnedVersions(root);
    const isChosen = values.wppconnect !== undefined && values["wa-js"] !== undefined;
    const newest = isChosen ? before : await newestVersions();
    const after = { wppconnect: values.wppconnect ?? newest.wppconnect, waJs: values["wa-js"] ?? newest.waJs };
    const folder = await copyWorkingTree(root);
    try {
      pinVersions(folder, after);
      const report = join(folder, "engine-check.json");
      const installed = await runTool("pnpm", ["install", "--no-frozen-lockfile", "--prefer-offline"], {
        ...{ cwd: folder, isQuiet: true },
        env: { CI: "true" },
      });
      if (installed === 0) await runConformance(folder, report);
      const { text, exitCode } = engineReport(before, after, report);
      print(text);
      process.exitCode = exitCode;
    } finally {
      if (values.keep) print(`the copy is kept: ${folder}`);
      else await rm(folder, { recursive: true, force: true });
    }
  });

/** Runs the tests of the real engine only: the simulator does not use the libraries. */
async function runConformance(folder: string, report: string): Promise<void> {
  const config = "services/whatsapp-connector/conformance/vitest.config.ts";
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const vitest = join(folder, "node_modules/.bin/vitest"); // that of the working tree would load itself a second time
  await runTool(vitest, ["run", "--config", config, "--testNamePattern", "^wppconnect ", ...reporters], {
    cwd: folder,
    env: { CI: "true", CHROMIUM_PATH: await requireChromium() },
  });
}
