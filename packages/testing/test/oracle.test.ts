import { randomUUID } from "node:crypto";
import type { Audience } from "@syszap/contracts";
import { expect, test } from "vitest";
import { type ClientRecord, type DeliveryGuarantees, Oracle } from "../src/oracle/index.ts";

const [acme, globex] = [randomUUID(), randomUUID()];
const [ana, ben] = [randomUUID(), randomUUID()];
const support = randomUUID();
const strict: DeliveryGuarantees = { mayResync: false, mayReplay: false };
const lossy: DeliveryGuarantees = { mayResync: true, mayReplay: false };
const wholeCompany: Audience = { kind: "company" };

function createOracle(guarantees: DeliveryGuarantees = strict) {
  const oracle = new Oracle(guarantees);
  const numbers = new Map<string, number>();
  const publish = (audience: Audience = wholeCompany, companyId = acme, publisher = "p1") => {
    const number = (numbers.get(companyId + publisher) ?? 0) + 1;
    numbers.set(companyId + publisher, number);
    const event = { id: randomUUID(), companyId, publisher, number, audience };
    oracle.recordPublication(event);
    return event;
  };
  const receive = (record: ClientRecord, ...events: { id: string; publisher: string; number: number }[]) => {
    for (const { id, publisher, number } of events) record.received(id, `${publisher}#${number}`);
  };
  const ofAna = oracle.client("ana", { companyId: acme, userId: ana, role: "agent" });
  const ofBen = oracle.client("ben", { companyId: acme, userId: ben, role: "admin" });
  return { oracle, publish, receive, ofAna, ofBen };
}

test("accepts clients that received exactly the events of their audience", () => {
  const { oracle, publish, receive, ofAna, ofBen } = createOracle();
  const all = publish();
  const anas = publish({ kind: "user", userId: ana });
  const admins = publish({ kind: "role", roles: ["owner", "admin"] });
  const ofOther = publish(wholeCompany, acme, "p2");
  publish(wholeCompany, globex);
  receive(ofAna, all, ofOther, anas);
  receive(ofBen, all, ofOther, admins);
  expect(oracle.violations()).toEqual([]);
  expect(oracle.isSettled).toBe(true);
  expect(oracle.counts()).toEqual({ published: 5, deliveries: 6, resyncs: 0 });
});

test("expects an event for teams and users at their members, owners and admins only", () => {
  const { oracle, publish, receive, ofAna, ofBen } = createOracle();
  const ofSupport = oracle.client("cleo", { companyId: acme, userId: randomUUID(), role: "agent", teams: [support] });
  const nobody = { teams: [], users: [] };
  const team = publish({ kind: "reach", teams: [support], users: [] });
  const anas = publish({ kind: "reach", teams: [], users: [ana] });
  const gone = publish({ kind: "reach", teams: [support], users: [ana], except: nobody });
  const goneForAna = publish({
    kind: "reach",
    teams: [support],
    users: [ana],
    except: { teams: [support], users: [] },
  });
  receive(ofAna, anas, gone, goneForAna);
  receive(ofBen, team, anas);
  receive(ofSupport, team, gone);
  expect(oracle.violations()).toEqual([]);
  receive(ofSupport, goneForAna);
  expect(oracle.violations()).toEqual(["cleo received p1#4, whose audience does not include it"]);
});

test("reports lost events at the start, in the middle and at the end, and of a single user", () => {
  const { oracle, publish, receive, ofAna, ofBen } = createOracle();
  const [, second, , fourth] = [publish(), publish(), publish({ kind: "user", userId: ana }), publish(), publish()];
  receive(ofAna, second, fourth);
  receive(ofBen, second, fourth);
  const lost = (name: string, numbers: number[]) => numbers.map((number) => `${name} lost p1#${number}`);
  expect(oracle.violations()).toEqual([...lost("ana", [1, 3, 5]), ...lost("ben", [1, 5])]);
  expect(oracle.isSettled).toBe(false);
});

test("reports duplicate events, adjacent or apart", () => {
  const { oracle, publish, receive, ofAna, ofBen } = createOracle();
  const [first, second] = [publish(), publish()];
  receive(ofAna, first, first, second);
  receive(ofBen, first, second, first);
  expect(oracle.violations()).toEqual(["ana received p1#1 twice", "ben received p1#1 twice"]);
});

test("reports events of a publisher that arrive out of order", () => {
  const { oracle, publish, receive, ofAna, ofBen } = createOracle();
  const [first, second] = [publish(), publish()];
  receive(ofAna, second, first);
  receive(ofBen, first, second);
  expect(oracle.violations()).toContain("ana received p1#1 after #2");
});

test("reports two clients that received the events of two publishers in different orders", () => {
  const { oracle, publish, receive, ofAna, ofBen } = createOracle();
  const [ofOne, ofOther] = [publish(), publish(wholeCompany, acme, "p2")];
  receive(ofAna, ofOne, ofOther);
  receive(ofBen, ofOther, ofOne);
  expect(oracle.violations()).toEqual([expect.stringMatching(/disagree on the order of p[12]#1, p[12]#1$/)]);
});

test("reports events of another company, user or role, and events that were never published", () => {
  const { oracle, publish, receive, ofAna, ofBen } = createOracle();
  const [ofGlobex, ofBenAlone] = [publish(wholeCompany, globex), publish({ kind: "user", userId: ben })];
  const admins = publish({ kind: "role", roles: ["admin"] });
  receive(ofAna, ofGlobex, ofBenAlone, admins, { id: "stray", publisher: "p9", number: 9 });
  receive(ofBen, ofBenAlone, admins);
  expect(oracle.violations()).toEqual([
    "ana received p1#1 of another company",
    "ana received p1#1, whose audience does not include it",
    "ana received p1#2, whose audience does not include it",
    "ana received p9#9 (stray), which was never published",
  ]);
});

test("reports an event with the content of another event", () => {
  const { oracle, publish, receive, ofAna, ofBen } = createOracle();
  const event = publish();
  ofAna.received(event.id, "p1#7");
  receive(ofBen, event);
  expect(oracle.violations()).toEqual(["ana received p1#1 with the content of p1#7"]);
});

test("a reported gap accounts for missing events at its position only", () => {
  const { oracle, publish, receive, ofAna, ofBen } = createOracle(lossy);
  const [first, , third, , fifth] = [publish(), publish(), publish(), publish(), publish()];
  for (const record of [ofAna, ofBen]) {
    receive(record, first);
    if (record === ofAna) record.gap("log_lost");
    receive(record, third);
    if (record === ofBen) record.gap("log_lost");
    record.refetchRequested();
    receive(record, fifth);
  }
  expect(oracle.violations()).toEqual(["ana lost p1#4", "ben lost p1#2"]);
  expect(oracle.counts()).toMatchObject({ resyncs: 2 });
});

test("reports a gap although the log is complete, and a gap that was not reported to the page", () => {
  for (const [guarantees, expected] of [
    [strict, ["ana was asked to refetch (log_lost) although the log is complete"]],
    [lossy, []],
  ] as const) {
    const { oracle, ofAna } = createOracle(guarantees);
    ofAna.gap("log_lost");
    expect(oracle.isSettled).toBe(false);
    expect(oracle.violations()).toEqual([...expected, "ana did not report a gap (log_lost) to its page"]);
    ofAna.refetchRequested();
    expect(oracle.violations()).toEqual(expected);
  }
});

test("accepts replayed events that arrive late when Redis lost its data, but no duplicates", () => {
  const { oracle, publish, receive, ofAna, ofBen } = createOracle({ mayResync: true, mayReplay: true });
  const [first, second, third] = [publish(), publish(), publish()];
  receive(ofAna, first, third, second);
  receive(ofBen, first, second);
  ofBen.gap("log_lost");
  ofBen.refetchRequested();
  receive(ofBen, third, second);
  expect(oracle.violations()).toEqual(["ben received p1#2 twice"]);
});

test("with replays, a gap accounts for every event published before it and for none published after it", () => {
  const { oracle, publish, receive, ofAna } = createOracle({ mayResync: true, mayReplay: true });
  const [, second] = [publish(), publish()];
  ofAna.gap("log_lost");
  ofAna.refetchRequested();
  receive(ofAna, second);
  publish();
  expect(oracle.violations().filter((each) => each.startsWith("ana"))).toEqual(["ana lost p1#3"]);
});
