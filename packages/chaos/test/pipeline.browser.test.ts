import { expect, test } from "vitest";
import { pipelineScenarios } from "../src/pipeline/scenario.ts";
import { playSeeds } from "../src/play.ts";

const patience = { timeout: 120_000 };
/** Half a minute each: two are enough here, `npm run chaos` plays many seeds of all. */
const played = ["worker-kills", "redeliveries"];

test.for(played)("%s: every message is stored and told once", patience, async (name) => {
  const scenario = pipelineScenarios.find((each) => each.name === name);
  if (!scenario) throw new Error(`there is no scenario "${name}"`);
  const lines: string[] = [];
  const { violations, counts } = await playSeeds(scenario, [1], { say: (line) => lines.push(line), size: 1 });
  expect(violations, lines.join("\n")).toEqual([]);
  expect(counts.messages).toBeGreaterThan(5);
});
