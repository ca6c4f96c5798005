import { expect, test } from "vitest";
import { Chain, type Durable } from "../src/chain.ts";

const link = (name: string) => name.padEnd(16, "0");
/** The publication `name` with this `seq`, after the publication `prev`. */
const publication = (seq: number, name: string, prev: string): Durable => ({
  header: {
    position: { seq, link: link(name) },
    prev: link(prev),
    expiresAt: 0,
    audience: { kind: "company" },
    isAccessChange: false,
  },
  frame: Buffer.from(`{"name":"${name}"}`),
});
const chainOf = (...names: string[]) => {
  const chain = new Chain({ seq: 10, link: link("a") });
  let prev = "a";
  for (const [index, name] of names.entries()) {
    chain.append(publication(11 + index, name, prev));
    prev = name;
  }
  return chain;
};
const namesOf = (tail: Durable[] | undefined) => tail?.map(({ frame }) => JSON.parse(frame.toString()).name);

test("delivers the next publication, reports a known one as late and any other as a gap", () => {
  const chain = chainOf("b", "c");
  expect(chain.judge(publication(13, "d", "c").header)).toBe("deliver");
  expect(chain.judge(publication(12, "c", "b").header)).toBe("late");
  expect(chain.judge(publication(10, "a", "z").header)).toBe("late");
  expect(chain.judge(publication(14, "e", "d").header)).toBe("gap");
});

test("reports a reused seq with another link as a gap, not as late", () => {
  const chain = chainOf("b", "c");
  expect(chain.judge(publication(12, "other", "b").header)).toBe("gap");
  expect(chain.judge(publication(13, "d", "other").header)).toBe("gap");
  expect(chain.holds({ seq: 12, link: link("other") })).toBe(false);
  expect(chain.since({ seq: 11, link: link("other") })).toBeUndefined();
});

test("returns the publications since any position from the anchor to the last", () => {
  const chain = chainOf("b", "c");
  expect(namesOf(chain.since({ seq: 10, link: link("a") }))).toEqual(["b", "c"]);
  expect(namesOf(chain.since({ seq: 11, link: link("b") }))).toEqual(["c"]);
  expect(chain.since(chain.last)).toEqual([]);
  expect(chain.since({ seq: 9, link: link("before") })).toBeUndefined();
  expect(chain.since({ seq: 13, link: link("d") })).toBeUndefined();
});

test("prepends older publications only without a gap", () => {
  const chain = chainOf("b");
  chain.extendBack([publication(8, "y", "x"), publication(10, "a", "z")]);
  expect(chain.anchor).toEqual({ seq: 9, link: link("z") });
  chain.extendBack([publication(9, "stranger", "x")]);
  expect(chain.anchor).toEqual({ seq: 9, link: link("z") });
  expect(namesOf(chain.since({ seq: 9, link: link("z") }))).toEqual(["a", "b"]);
});

test("bounds the tail by number and bytes, and moves the anchor", () => {
  const chain = new Chain({ seq: 0, link: link("n0") }, { publications: 8, bytes: 1_000 });
  for (let seq = 1; seq <= 100; seq++) {
    chain.append(publication(seq, `n${seq}`, `n${seq - 1}`));
    expect(chain.last.seq - chain.anchor.seq).toBeLessThanOrEqual(10);
    expect(chain.holds(chain.anchor)).toBe(true);
  }
  const big = { ...publication(101, "n101", "n100"), frame: Buffer.alloc(5_000) };
  chain.append(big);
  expect(chain.since({ seq: 100, link: link("n100") })).toEqual([big]);
  expect(chain.anchor.seq).toBe(100);
});
