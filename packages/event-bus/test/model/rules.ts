import { Chain, type Durable } from "../../src/chain.ts";
import { ChannelReader } from "../../src/channel-reader.ts";

/** Every rule of the delivery design (docs/architecture.md) that the model can disable. A name states what holds with the rule. */
export const rules = [
  "links are random",
  "a genesis is random",
  "an id is published once",
  "a message must follow the last one",
  "a publication in the tail is late",
  "the continuity of the log is proven",
  "messages are buffered while the log is read",
  "a lost log is reported as resync",
  "heads are compared by link",
  "heads are compared after a lost link",
  "heads are compared periodically",
  "backlog and stream are joined synchronously",
  "a client enters the stream with the last part",
  "a gateway catches up with its client",
  "an unknown cursor is not recovered",
  "a client drops repeats",
  "a cursor moves with delivered events",
  "the outbox is published again",
  "a Redis that lost too much starts a new log",
  "a loss is measured by the marker",
  "a marker belongs to one Redis",
] as const;
export type Rule = (typeof rules)[number];

type Method = (...args: never[]) => unknown;
type Methods = Record<string, Method>;

/** Replacements of product methods, each without its rule. The model's own Redis, gateways and clients disable the other rules. */
const replacements: Partial<Record<Rule, { of: Methods; name: string; method: Method }>> = {
  "a message must follow the last one": {
    of: Chain.prototype as unknown as Methods,
    name: "judge",
    method: function (this: Chain, header: Parameters<Chain["judge"]>[0]) {
      return this.holds(header.position) ? "late" : "deliver";
    },
  },
  "a publication in the tail is late": {
    of: Chain.prototype as unknown as Methods,
    name: "judge",
    method: function (this: Chain, header: Parameters<Chain["judge"]>[0]) {
      return header.prev === this.last.link || this.holds(header.position) ? "deliver" : "gap";
    },
  },
  "messages are buffered while the log is read": {
    of: ChannelReader.prototype as unknown as Methods,
    name: "buffer",
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

/** Disables rules in the product's code. Returns a function that enables them again. */
export function disableRules(off: ReadonlySet<Rule>): () => void {
  const changed = [...off].flatMap((rule) => replacements[rule] ?? []);
  const originals = changed.map(({ of, name }) => of[name]);
  for (const { of, name, method } of changed) of[name] = method;
  return () => {
    changed.forEach(({ of, name }, index) => {
      const method = originals[index];
      if (method) of[name] = method;
    });
  };
}
