import { join } from "node:path";
import { requireChromium } from "./chromium.ts";
import { requireRedis } from "./infrastructure.ts";
import { root } from "./places.ts";
import { giveUp } from "./say.ts";
import { buildChanged, endToolsOnSignals, runTool } from "./tools.ts";

/** What measures shares its cores with what is measured: V8 helps itself to four threads for each process, whatever there is. */
const leavingCores = ["--v8-pool-size=0"];

/** Runs benchmarks or faults against the bundles that production runs. */
export async function measure(what: "bench" | "chaos", args: string[]): Promise<void> {
  try {
    endToolsOnSignals();
    await requireRedis();
    const CHROMIUM_PATH = await requireChromium();
    await buildChanged();
    const main = join(root, "packages", "testing", what, "main.ts");
    const options = [...leavingCores, "--import", import.meta.resolve("tsx")];
    process.exitCode = await runTool(process.execPath, [...options, main, ...args], { env: { CHROMIUM_PATH } });
  } catch (err) {
    giveUp(err);
  }
}
