import { expect, test } from "vitest";
import { sessionKills } from "../src/session-kills/scenario.ts";

const kills = 4;

test("killed engines, browsers and connectors lose and double no message, and leave nothing behind", {
  timeout: 240_000,
}, async () => {
  const lines: string[] = [];
  const stage = await sessionKills.open({ size: kills, say: (line) => lines.push(line) });
  const { violations, counts } = await stage.play(4).finally(() => stage.close());
  expect(violations, lines.join("\n")).toEqual([]);
  expect(counts).toMatchObject({ kills });
});
