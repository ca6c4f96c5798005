import { Chain, type Durable } from "../../src/chain.ts";
import { ChannelReader } from "../../src/channel-reader.ts";

/** Every rule of sections 3 and 4 that the model can do without. The names say what holds while the rule does. */
export const rules = [
  "links are random",
  "a genesis is random",
  "an id is published once",
  "a message must follow the last one",
  "what the tail holds is late",
  "what follows in the log is proven",
  "messages wait while the log is read",
  "a lost log is told",
  "heads are compared by link",
  "heads are compared after a lost link",
  "heads are compared now and then",
  "past and stream meet in one turn",
  "a gateway catches up with its client",
  "an unknown cursor is not recovered",
  "a client drops repeats",
  "a place moves with what was taken",
  "the outbox is published again",
  "a log without the oldest begins anew",
] as const;
export type Rule = (typeof rules)[number];

type Method = (...args: never[]) => unknown;
type Methods = Record<string, Method>;

/** The product's own decisions, each without its rule. What is not here, the model's Redis, gateways and clients leave out. */
const withoutRule: Partial<Record<Rule, { of: Methods; name: string; method: Method }>> = {
  "a message must follow the last one": {
    of: Chain.prototype as unknown as Methods,
    name: "judge",
    method: function (this: Chain, header: Parameters<Chain["judge"]>[0]) {
      return this.holds(header.position) ? "late" : "deliver";
    },
  },
  "what the tail holds is late": {
    of: Chain.prototype as unknown as Methods,
    name: "judge",
    method: function (this: Chain, header: Parameters<Chain["judge"]>[0]) {
      return header.prev === this.last.link || this.holds(header.position) ? "deliver" : "gap";
    },
  },
  "messages wait while the log is read": {
    of: ChannelReader.prototype as unknown as Methods,
    name: "wait",
    method: () => undefined,
  },
  "a gateway catches up with its client": {
    of: ChannelReader.prototype as unknown as Methods,
    name: "catchUpWith",
    method: () => Promise.resolve(),
  },
  "an unknown cursor is not recovered": {
    of: Chain.prototype as unknown as Methods,
    name: "since",
    method: function (this: Chain, position: Parameters<Chain["since"]>[0]) {
      const from = Math.max(0, position.seq - this.anchor.seq);
      return (this as unknown as { tailFrom(first: number): Durable[] }).tailFrom(from);
    },
  },
};

/** Leaves the rules out of the product's code until the function that it answers is called. */
export function leaveOut(off: ReadonlySet<Rule>): () => void {
  const changed = [...off].flatMap((rule) => withoutRule[rule] ?? []);
  const kept = changed.map(({ of, name }) => of[name]);
  for (const { of, name, method } of changed) of[name] = method;
  return () => {
    changed.forEach(({ of, name }, index) => {
      const method = kept[index];
      if (method) of[name] = method;
    });
  };
}
