import { expect, test } from "vitest";
import { runSeeds } from "../src/framework/run-seeds.ts";
import { pipelineScenarios } from "../src/pipeline/scenario.ts";

const options = { timeout: 400_000 };
/** Each takes half a minute, so only three run here. `npm run chaos` runs all with many seeds. */
const scenarioNames = ["worker-kills", "redeliveries", "random-kills"];

test.for(scenarioNames)("%s: every message is stored and published once", options, async (name) => {
  const scenario = pipelineScenarios.find((each) => each.name === name);
  if (!scenario) throw new Error(`Unknown scenario "${name}".`);
  const lines: string[] = [];
  const { violations, counts } = await runSeeds(scenario, [1], { log: (line) => lines.push(line), size: 1 });
  expect(violations, lines.join("\n")).toEqual([]);
  expect(counts.messages).toBeGreaterThan(5);
  expect(counts["events consumed"]).toBeGreaterThan(5);
});
