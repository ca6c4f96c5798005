import { join } from "node:path";
import { exitWithError } from "../console.ts";
import { requireChromium } from "../machine/chromium.ts";
import { requireRedis } from "../machine/redis.ts";
import { root } from "../paths.ts";
import { buildChangedPackages, forwardSignalsToTools, runTool } from "../tools.ts";

/** The load generator shares its cores with the measured processes, so V8's four helper threads per process are disabled. */
const singleThreadedV8 = ["--v8-pool-size=0"];

/** Runs benchmarks or fault scenarios against the same bundles that production runs. */
export async function measure(what: "bench" | "chaos", args: string[]): Promise<void> {
  try {
    forwardSignalsToTools();
    await requireRedis();
    const CHROMIUM_PATH = await requireChromium();
    await buildChangedPackages();
    const main = join(root, "packages", what, "src", "main.ts");
    const options = [...singleThreadedV8, "--import", import.meta.resolve("tsx")];
    process.exitCode = await runTool(process.execPath, [...options, main, ...args], { env: { CHROMIUM_PATH } });
  } catch (err) {
    exitWithError(err);
  }
}
