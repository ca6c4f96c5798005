import { expect, test } from "vitest";
import { runSeeds } from "../src/framework/run-seeds.ts";
import { rollingRestarts } from "../src/rolling-restarts/scenario.ts";

test("replacing every service under load loses and doubles nothing, fails no request, and costs a browser one reconnect", {
  timeout: 600_000,
}, async () => {
  const lines: string[] = [];
  const { violations, counts } = await runSeeds(rollingRestarts, [1], {
    log: (line) => lines.push(line),
    size: undefined,
  });
  expect(violations, lines.join("\n")).toEqual([]);
  expect(counts["most reconnects of a browser"]).toBe(1);
  expect(counts.messages).toBeGreaterThan(50);
});
