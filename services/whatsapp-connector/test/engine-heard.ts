import type { SessionDetail } from "@syszap/contracts";
import type { EngineFact, EngineListener } from "../src/engines/engine.ts";

type Typing = Parameters<EngineListener["typing"]>[0];
type Qr = Parameters<EngineListener["qr"]>[0];
type Told = NonNullable<Parameters<EngineListener["state"]>[1]>;
type FactOf<Kind extends EngineFact["kind"]> = Extract<EngineFact, { kind: Kind }>;

/** All that an engine said, and a way to await what it will say; what was said already counts too. */
export class Heard {
  readonly states: { detail: SessionDetail; more: Told }[] = [];
  readonly facts: EngineFact[] = [];
  readonly typings: Typing[] = [];
  readonly codes: Qr[] = [];
  private readonly checks = new Set<() => void>();

  readonly listener: EngineListener = {
    qr: (qr) => this.note(this.codes, qr),
    state: (detail, more = {}) => this.note(this.states, { detail, more }),
    fact: (fact) => this.note(this.facts, fact),
    typing: (typing) => this.note(this.typings, typing),
  };

  get details(): SessionDetail[] {
    return this.states.map(({ detail }) => detail);
  }
  /** The code of that number, counted from 1. */
  code(number = 1): Promise<Qr> {
    return this.until(() => this.codes[number - 1]);
  }
  async state(detail: SessionDetail): Promise<Told> {
    return (await this.until(() => this.states.find((state) => state.detail === detail))).more;
  }
  fact<Kind extends EngineFact["kind"]>(kind: Kind, isIt: (fact: FactOf<Kind>) => boolean): Promise<FactOf<Kind>> {
    return this.until(() =>
      this.facts.find((fact): fact is FactOf<Kind> => fact.kind === kind && isIt(fact as FactOf<Kind>)),
    );
  }
  typing(state: Typing["state"]): Promise<Typing> {
    return this.until(() => this.typings.find((typing) => typing.state === state));
  }

  private note<T>(list: T[], told: T): void {
    list.push(told);
    for (const check of this.checks) check();
  }
  private until<T>(find: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const check = () => {
        const found = find();
        if (found === undefined) return;
        this.checks.delete(check);
        resolve(found);
      };
      this.checks.add(check);
      check();
    });
  }
}
