import { expect, test } from "vitest";
import { sessionKills } from "../src/session-kills/scenario.ts";

const kills = 4;

test("kills of engines, browsers and connectors lose and duplicate no message and leave no processes behind", {
  timeout: 900_000,
}, async () => {
  const lines: string[] = [];
  const run = await sessionKills.open({ size: kills, log: (line) => lines.push(line) });
  const { violations, counts } = await run.runSeed(4).finally(() => run.close());
  expect(violations, lines.join("\n")).toEqual([]);
  expect(counts).toMatchObject({ kills });
});
