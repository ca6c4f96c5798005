import { randomUUID } from "node:crypto";
import type { Audience } from "@syszap/contracts";
import { expect, test } from "vitest";
import { type ClientRecord, Oracle, type Promises } from "../src/oracle/index.ts";

const [acme, globex] = [randomUUID(), randomUUID()];
const [ana, ben] = [randomUUID(), randomUUID()];
const strict: Promises = { mayResync: false, mayReplay: false };
const lossy: Promises = { mayResync: true, mayReplay: false };
const wholeCompany: Audience = { kind: "company" };

function scene(promises: Promises = strict) {
  const oracle = new Oracle(promises);
  const numbers = new Map<string, number>();
  const publish = (audience: Audience = wholeCompany, companyId = acme, publisher = "p1") => {
    const number = (numbers.get(companyId + publisher) ?? 0) + 1;
    numbers.set(companyId + publisher, number);
    const event = { id: randomUUID(), companyId, publisher, number, audience };
    oracle.publishes(event);
    return event;
  };
  const take = (record: ClientRecord, ...events: { id: string; publisher: string; number: number }[]) => {
    for (const { id, publisher, number } of events) record.took(id, `${publisher}#${number}`);
  };
  const ofAna = oracle.client("ana", { companyId: acme, userId: ana, role: "agent" });
  const ofBen = oracle.client("ben", { companyId: acme, userId: ben, role: "admin" });
  return { oracle, publish, take, ofAna, ofBen };
}

test("nothing is said against clients that got exactly what was theirs", () => {
  const { oracle, publish, take, ofAna, ofBen } = scene();
  const all = publish();
  const anas = publish({ kind: "user", userId: ana });
  const admins = publish({ kind: "role", roles: ["owner", "admin"] });
  const ofOther = publish(wholeCompany, acme, "p2");
  publish(wholeCompany, globex);
  take(ofAna, all, ofOther, anas);
  take(ofBen, all, ofOther, admins);
  expect(oracle.violations()).toEqual([]);
  expect(oracle.isSettled).toBe(true);
  expect(oracle.counts()).toEqual({ published: 5, deliveries: 6, resyncs: 0 });
});

test("a lost event is found: at the start, in the middle, at the end, and for one user alone", () => {
  const { oracle, publish, take, ofAna, ofBen } = scene();
  const [, second, , fourth] = [publish(), publish(), publish({ kind: "user", userId: ana }), publish(), publish()];
  take(ofAna, second, fourth);
  take(ofBen, second, fourth);
  const lost = (name: string, numbers: number[]) => numbers.map((number) => `${name} lost p1#${number}`);
  expect(oracle.violations()).toEqual([...lost("ana", [1, 3, 5]), ...lost("ben", [1, 5])]);
  expect(oracle.isSettled).toBe(false);
});

test("a doubled event is found, next to its first copy and far from it", () => {
  const { oracle, publish, take, ofAna, ofBen } = scene();
  const [first, second] = [publish(), publish()];
  take(ofAna, first, first, second);
  take(ofBen, first, second, first);
  expect(oracle.violations()).toEqual(["ana got p1#1 twice", "ben got p1#1 twice"]);
});

test("a publisher's events in another order than it gave them are found", () => {
  const { oracle, publish, take, ofAna, ofBen } = scene();
  const [first, second] = [publish(), publish()];
  take(ofAna, second, first);
  take(ofBen, first, second);
  expect(oracle.violations()).toContain("ana got p1#1 after #2");
});

test("two clients that got two publishers' events in different orders are found", () => {
  const { oracle, publish, take, ofAna, ofBen } = scene();
  const [ofOne, ofOther] = [publish(), publish(wholeCompany, acme, "p2")];
  take(ofAna, ofOne, ofOther);
  take(ofBen, ofOther, ofOne);
  expect(oracle.violations()).toEqual([expect.stringMatching(/disagree on the order of p[12]#1, p[12]#1$/)]);
});

test("a foreign event is found: of another company, of another user, of another role, of nobody", () => {
  const { oracle, publish, take, ofAna, ofBen } = scene();
  const [ofGlobex, ofBenAlone] = [publish(wholeCompany, globex), publish({ kind: "user", userId: ben })];
  const admins = publish({ kind: "role", roles: ["admin"] });
  take(ofAna, ofGlobex, ofBenAlone, admins, { id: "stray", publisher: "p9", number: 9 });
  take(ofBen, ofBenAlone, admins);
  expect(oracle.violations()).toEqual([
    "ana got p1#1 of another company",
    "ana got p1#1, which is not meant for its reader",
    "ana got p1#2, which is not meant for its reader",
    "ana got p9#9 (stray), which nobody published",
  ]);
});

test("an event that carries another one's content is found", () => {
  const { oracle, publish, take, ofAna, ofBen } = scene();
  const event = publish();
  ofAna.took(event.id, "p1#7");
  take(ofBen, event);
  expect(oracle.violations()).toEqual(["ana got p1#1 with the content of p1#7"]);
});

test("a hole that was told excuses what is missing at its place and nowhere else", () => {
  const { oracle, publish, take, ofAna, ofBen } = scene(lossy);
  const [first, , third, , fifth] = [publish(), publish(), publish(), publish(), publish()];
  for (const record of [ofAna, ofBen]) {
    take(record, first);
    if (record === ofAna) record.hole("log_lost");
    take(record, third);
    if (record === ofBen) record.hole("log_lost");
    record.told();
    take(record, fifth);
  }
  expect(oracle.violations()).toEqual(["ana lost p1#4", "ben lost p1#2"]);
  expect(oracle.counts()).toMatchObject({ resyncs: 2 });
});

test("a hole where the log was whole is found, and one that the page was not told of", () => {
  for (const [promises, expected] of [
    [strict, ["ana was told to refetch (log_lost) though the log was whole"]],
    [lossy, []],
  ] as const) {
    const { oracle, ofAna } = scene(promises);
    ofAna.hole("log_lost");
    expect(oracle.isSettled).toBe(false);
    expect(oracle.violations()).toEqual([...expected, "ana has a hole (log_lost) that its page was not told of"]);
    ofAna.told();
    expect(oracle.violations()).toEqual(expected);
  }
});

test("where Redis came back without its data, what is published again may come later, yet never twice", () => {
  const { oracle, publish, take, ofAna, ofBen } = scene({ mayResync: true, mayReplay: true });
  const [first, second, third] = [publish(), publish(), publish()];
  take(ofAna, first, third, second);
  take(ofBen, first, second);
  ofBen.hole("log_lost");
  ofBen.told();
  take(ofBen, third, second);
  expect(oracle.violations()).toEqual(["ben got p1#2 twice"]);
});

test("where the log is another one, a refetch after an event excuses it wherever it stands, one before it does not", () => {
  const { oracle, publish, take, ofAna } = scene({ mayResync: true, mayReplay: true });
  const [, second] = [publish(), publish()];
  ofAna.hole("log_lost");
  ofAna.told();
  take(ofAna, second);
  publish();
  expect(oracle.violations().filter((each) => each.startsWith("ana"))).toEqual(["ana lost p1#3"]);
});
