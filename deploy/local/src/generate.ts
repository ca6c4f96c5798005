import { say } from "./say.ts";
import { runTool } from "./tools.ts";

/** `npm run generate`: writes what is derived from the sources; the check fails when it is stale. */
export async function run(): Promise<void> {
  const documents = await runTool("pnpm", ["--filter", "@syszap/contracts", "--silent", "run", "generate"]);
  const licences = await runTool("node", ["deploy/build/list-licences.mjs"]);
  if (documents === 0 && licences === 0)
    say("docs/asyncapi.yaml, docs/openapi.yaml and docs/third-party-licences.md are current");
  process.exitCode = documents + licences === 0 ? 0 : 1;
}
