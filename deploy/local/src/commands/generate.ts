import { print } from "../console.ts";
import { writeChart } from "../helm/write-chart.ts";
import { runTool } from "../tools.ts";

/** `npm run generate`: writes the files that are generated from the sources. `npm run check` fails when they are outdated. */
export async function run(): Promise<void> {
  const documents = await runTool("pnpm", ["--filter", "@syszap/contracts", "--silent", "run", "generate"]);
  const licences = await runTool("node", ["deploy/build/list-licences.mjs"]);
  writeChart();
  if (documents === 0 && licences === 0)
    print("docs/asyncapi.yaml, docs/openapi.yaml, docs/third-party-licences.md and deploy/helm are current");
  process.exitCode = documents + licences === 0 ? 0 : 1;
}
