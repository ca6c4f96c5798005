import { expect, test } from "vitest";
import type { Rule } from "./rules.ts";
import { type Fault, World } from "./world.ts";

const endless = Number.POSITIVE_INFINITY;
const seedsOfEach = 100;
const everything: Fault[] = [
  ...(["gateway cut", "gateway killed", "client cut", "message lost", "reply lost"] as const),
  ...(["failover", "wipe", "old data"] as const),
];
/** What has to go wrong, which other rules would hide it, and the first seed that shows it. */
interface Proof {
  faults: Fault[];
  seed: number;
  without?: Rule[];
  logLength?: number;
  says: RegExp;
}
const lost = /^client \d lost p\d#\d+$/;
const twice = /^client \d got p\d#\d+ twice$/;
const needless = /^client \d was told to refetch \(welcome\) though the log was whole$/;

const proofs: Record<Rule, Proof> = {
  "links are random": { faults: ["failover", "gateway cut"], seed: 1, says: lost },
  "a genesis is random": {
    ...{ faults: ["wipe", "gateway cut"], without: ["the outbox is published again"], seed: 19, says: lost },
  },
  "an id is published once": { faults: ["reply lost"], without: ["a client drops repeats"], seed: 1, says: twice },
  "a message must follow the last one": { faults: ["message lost"], seed: 1, says: lost },
  "what the tail holds is late": { faults: ["gateway cut"], without: ["a client drops repeats"], seed: 1, says: twice },
  "what follows in the log is proven": { faults: ["wipe", "gateway cut"], seed: 1, says: lost },
  "messages wait while the log is read": {
    ...{ faults: ["gateway cut"], without: ["heads are compared now and then"], seed: 9, says: lost },
  },
  "a lost log is told": { faults: ["wipe"], seed: 1, says: lost },
  "heads are compared by link": {
    ...{ faults: ["wipe", "gateway cut"], without: ["the outbox is published again"], seed: 1, says: lost },
  },
  "heads are compared after a lost link": {
    ...{ faults: ["gateway cut"], without: ["heads are compared now and then"], seed: 8, says: lost },
  },
  "heads are compared now and then": { faults: ["message lost"], seed: 196, says: lost },
  "past and stream meet in one turn": { faults: ["client cut"], seed: 1, says: lost },
  "a gateway catches up with its client": { faults: ["client cut"], seed: 270, says: needless },
  "an unknown cursor is not recovered": { faults: ["client cut"], logLength: 5, seed: 1, says: lost },
  "a client drops repeats": { faults: ["failover"], seed: 3, says: twice },
  "a place moves with what was taken": { faults: ["client cut"], seed: 1, says: lost },
  "the outbox is published again": { faults: ["failover"], seed: 1, says: lost },
  "a log without the oldest begins anew": { faults: ["old data"], seed: 26, says: lost },
};

test.each(Object.entries(proofs) as [Rule, Proof][])(
  "without the rule that %s, a violation is found",
  async (rule, { faults, without = [], logLength = endless, seed, says }) => {
    expect(await new World({ seed, faults, off: without, logLength }).run()).toEqual([]);
    const violations = await new World({ seed, faults, off: [rule, ...without], logLength }).run();
    expect(violations).toContainEqual(expect.stringMatching(says));
  },
);

test.each<[string, Fault[], number]>([
  ["nothing goes wrong", [], endless],
  ...everything.map((fault): [string, Fault[], number] => [`there is a ${fault}`, [fault], endless]),
  ["everything goes wrong", everything, endless],
  ["the log is short and clients sleep", ["client cut", "gateway killed"], 5],
])("with all rules nothing is lost, doubled or refetched without need when %s", async (_, faults, logLength) => {
  for (let seed = 1; seed <= seedsOfEach; seed++)
    expect(await new World({ seed, faults, off: [], logLength }).run(), `seed ${seed}`).toEqual([]);
});
