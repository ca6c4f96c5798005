import type { ConnectorLoad } from "@syszap/database";
import { expect, test } from "vitest";
import { planMoves } from "../../src/cli/plan-moves.ts";

const load = (id: string, memory: number[], more: Partial<ConnectorLoad> = {}): ConnectorLoad => ({
  ...{
    id,
    nonce: id,
    host: id,
    processSpace: "",
    pid: 1,
    version: "1",
    maxSessions: 20,
    state: "active",
    isAlive: true,
  },
  ...{ startedAt: new Date(0), lastSeenAt: new Date(0), stoppedAt: null },
  sessions: memory.map((memoryBytes, index) => ({ sessionId: `${id}${index}`, memoryBytes })),
  ...more,
});
function memoryAfter(loads: ConnectorLoad[]): Record<string, number> {
  const memory = new Map<string, number>();
  const moves = planMoves(loads);
  for (const { id, sessions } of loads)
    for (const { sessionId, memoryBytes } of sessions) {
      const to = moves.find((move) => move.sessionId === sessionId && move.from === id)?.to ?? id;
      memory.set(to, (memory.get(to) ?? 0) + memoryBytes);
    }
  return Object.fromEntries(memory);
}

test("moves sessions until the connectors use about the same memory", () => {
  expect(memoryAfter([load("a", [300, 300, 200, 400]), load("b", []), load("c", [300])])).toEqual({
    a: 600,
    b: 400,
    c: 500,
  });
});

test("moves nothing when the difference is small, or when moving would only swap the roles", () => {
  expect(planMoves([load("a", [300, 300]), load("b", [250, 250])])).toEqual([]);
  expect(planMoves([load("a", [900]), load("b", [])])).toEqual([]);
  expect(planMoves([load("a", [900])])).toEqual([]);
});

test("leaves connectors out that are full, gone or cordoned", () => {
  const full = load("b", [1], { maxSessions: 1 });
  const gone = load("c", [], { isAlive: false });
  const cordoned = load("d", [], { state: "cordoned" });
  expect(planMoves([load("a", [300, 300]), full, gone, cordoned])).toEqual([]);
});
