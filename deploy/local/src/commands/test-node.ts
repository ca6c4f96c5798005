import { delimiter, join } from "node:path";
import { exitWithError, print } from "../console.ts";
import { requireNode } from "../machine/node-binary.ts";
import { root } from "../paths.ts";
import { forwardSignalsToTools, runTool } from "../tools.ts";

/**
 * `npm run test:node -- VERSION [arguments of npm test]`: runs the checks and tests with another release of Node, which it takes from npm.
 * VERSION is a version or a major version.
 */
export async function run([version = "", ...args]: string[]): Promise<void> {
  forwardSignalsToTools();
  try {
    if (!/^\d+(\.\d+){0,2}$/.test(version)) throw new Error("Usage: npm run test:node -- 24 [arguments of npm test]");
    const node = await requireNode(version);
    print(`Testing with Node ${node.version}.`);
    // The tools start `node` from PATH.
    const env = { PATH: `${node.folder}${delimiter}${process.env.PATH ?? ""}` };
    process.exitCode = await runTool(
      join(node.folder, "node"),
      [join(root, "deploy/local/bootstrap.mjs"), "test", ...args],
      { env },
    );
  } catch (error) {
    exitWithError(error);
  }
}
