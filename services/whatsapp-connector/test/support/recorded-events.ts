import type { SessionDetail, SessionReason } from "@syszap/contracts";
import type { EngineFact, EngineListener, UnknownPayload } from "../../src/engines/contract/engine.ts";
import { Recorder } from "./recorder.ts";

type FactOf<Kind extends EngineFact["kind"]> = Extract<EngineFact, { kind: Kind }>;
type State = { detail: SessionDetail; reason?: SessionReason; phoneNumber?: string };
/** The machine may be busy with other browsers: a start alone can then take many seconds. */
export const patienceMs = 45_000;

/** What one run of an engine said. */
export class Heard {
  readonly codes = new Recorder<Parameters<EngineListener["qr"]>[0]>();
  readonly pairingCodes = new Recorder<Parameters<EngineListener["pairingCode"]>[0]>();
  readonly refusals = new Recorder<"pairing">();
  readonly states = new Recorder<State>();
  readonly facts = new Recorder<EngineFact>();
  readonly unknowns = new Recorder<UnknownPayload>();
  readonly typings = new Recorder<Parameters<EngineListener["typing"]>[0]>();
  readonly listener: EngineListener = {
    qr: this.codes.push,
    pairingCode: this.pairingCodes.push,
    pairingRefused: () => this.refusals.push("pairing"),
    state: (detail, more = {}) => this.states.push({ detail, ...more }),
    fact: this.facts.push,
    unknownPayload: this.unknowns.push,
    typing: this.typings.push,
  };

  code() {
    return this.codes.next(() => true, patienceMs);
  }
  pairingCode() {
    return this.pairingCodes.next(() => true, patienceMs);
  }
  state(detail: SessionDetail, withinMs = patienceMs): Promise<State> {
    return this.states.next((state) => state.detail === detail, withinMs);
  }
  fact<Kind extends EngineFact["kind"]>(
    kind: Kind,
    isIt: (fact: FactOf<Kind>) => boolean = () => true,
  ): Promise<FactOf<Kind>> {
    const matches = (fact: EngineFact): fact is FactOf<Kind> => fact.kind === kind && isIt(fact as FactOf<Kind>);
    return this.facts.next(matches, patienceMs);
  }
  message(body: string): Promise<FactOf<"message">> {
    return this.fact("message", (fact) => fact.body === body);
  }
  typing() {
    return this.typings.next(() => true, patienceMs);
  }
}

/** An id such as the connector gives to a message before it is sent. */
export const newKey = () => `3EB0${crypto.randomUUID().replaceAll("-", "").slice(0, 18).toUpperCase()}`;

/** A text as `find` is asked of it. */
export const textTo = (number: string, waKey: string, body = "") =>
  ({ kind: "text", waKey, waChatId: `${number}@c.us`, body }) as const;
