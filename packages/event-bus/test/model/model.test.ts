import { expect, test } from "vitest";
import type { Rule } from "./rules.ts";
import { type Fault, Simulation } from "./simulation.ts";

const unlimited = Number.POSITIVE_INFINITY;
const seedsOfEach = 100;
const allFaults: Fault[] = [
  "gateway cut",
  "gateway killed",
  "client cut",
  "message lost",
  "reply lost",
  "failover",
  "wipe",
  "old data",
];
/** The faults that reveal a disabled rule, the other rules that would hide it, and the first seed with a violation. */
interface Proof {
  faults: Fault[];
  seed: number;
  without?: Rule[];
  logLength?: number;
  violation: RegExp;
}
const lost = /^client \d lost p\d#\d+$/;
const twice = /^client \d received p\d#\d+ twice$/;
const needless = /^client \d was asked to refetch \(welcome\) although the log is complete$/;

const proofs: Record<Rule, Proof> = {
  "links are random": { faults: ["failover", "gateway cut"], seed: 1, violation: lost },
  "a genesis is random": {
    faults: ["wipe", "gateway cut"],
    without: ["the outbox is published again"],
    seed: 2,
    violation: lost,
  },
  "an id is published once": { faults: ["reply lost"], without: ["a client drops repeats"], seed: 1, violation: twice },
  "a message must follow the last one": { faults: ["message lost"], seed: 1, violation: lost },
  "a publication in the tail is late": {
    faults: ["gateway cut"],
    without: ["a client drops repeats"],
    seed: 1,
    violation: twice,
  },
  "the continuity of the log is proven": { faults: ["wipe", "gateway cut"], seed: 1, violation: lost },
  "messages are buffered while the log is read": {
    faults: ["gateway cut"],
    without: ["heads are compared periodically"],
    seed: 34,
    violation: lost,
  },
  "a lost log is reported as resync": { faults: ["wipe"], seed: 1, violation: lost },
  "heads are compared by link": {
    faults: ["wipe", "gateway cut"],
    without: ["the outbox is published again"],
    seed: 51,
    violation: lost,
  },
  "heads are compared after a lost link": {
    faults: ["gateway cut"],
    without: ["heads are compared periodically"],
    seed: 8,
    violation: lost,
  },
  "heads are compared periodically": { faults: ["message lost"], seed: 103, violation: lost },
  "backlog and stream are joined synchronously": { faults: ["client cut"], seed: 1, violation: lost },
  "a client enters the stream with the last part": { faults: ["client cut"], seed: 1, violation: lost },
  "a gateway catches up with its client": { faults: ["client cut"], seed: 13, violation: needless },
  "an unknown cursor is not recovered": { faults: ["client cut"], logLength: 5, seed: 1, violation: lost },
  "a client drops repeats": { faults: ["failover"], seed: 2, violation: twice },
  "a cursor moves with delivered events": { faults: ["client cut"], seed: 1, violation: lost },
  "the outbox is published again": { faults: ["failover"], seed: 1, violation: lost },
  "a Redis that lost too much starts a new log": { faults: ["failover"], seed: 6, violation: lost },
  // Without it, rows that Redis knows prove that nothing older is lost, although they were marked late or published again.
  "a loss is measured by the marker": { faults: ["failover"], seed: 14, violation: lost },
  "a marker belongs to one Redis": { faults: ["failover"], seed: 6, violation: lost },
};

test.each(Object.entries(proofs) as [Rule, Proof][])(
  "finds a violation when the rule that %s is disabled",
  async (rule, { faults, without = [], logLength = unlimited, seed, violation }) => {
    expect(await new Simulation({ seed, faults, off: without, logLength }).run()).toEqual([]);
    const violations = await new Simulation({ seed, faults, off: [rule, ...without], logLength }).run();
    expect(violations).toContainEqual(expect.stringMatching(violation));
  },
);

test.each<[string, Fault[], number]>([
  ["no fault happens", [], unlimited],
  ...allFaults.map((fault): [string, Fault[], number] => [`the fault "${fault}" happens`, [fault], unlimited]),
  ["all faults happen", allFaults, unlimited],
  ["the log is short and clients are offline", ["client cut", "gateway killed"], 5],
])("with all rules no event is lost, repeated or refetched without need when %s", async (_, faults, logLength) => {
  for (let seed = 1; seed <= seedsOfEach; seed++)
    expect(await new Simulation({ seed, faults, off: [], logLength, hasTeams: true }).run(), `seed ${seed}`).toEqual(
      [],
    );
});
