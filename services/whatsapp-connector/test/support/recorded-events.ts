import type { SessionDetail, SessionReason } from "@syszap/contracts";
import type { EngineFact, EngineListener, UnknownPayload } from "../../src/engines/contract/engine.ts";
import { Recorder } from "./recorder.ts";

type FactOf<Kind extends EngineFact["kind"]> = Extract<EngineFact, { kind: Kind }>;
type State = { detail: SessionDetail; reason?: SessionReason; phoneNumber?: string };
/** Guards against hanging. Generous, since the start of a browser takes many seconds on a busy machine. */
export const deadlineMs = 100_000;

/** Records the events of one engine. */
export class RecordedEvents {
  readonly codes = new Recorder<Parameters<EngineListener["qr"]>[0]>();
  readonly pairingCodes = new Recorder<Parameters<EngineListener["pairingCode"]>[0]>();
  readonly refusals = new Recorder<"pairing">();
  readonly states = new Recorder<State>();
  readonly facts = new Recorder<EngineFact>();
  readonly unknowns = new Recorder<UnknownPayload>();
  readonly missed = new Recorder<number>();
  readonly typings = new Recorder<Parameters<EngineListener["typing"]>[0]>();
  readonly listener: EngineListener = {
    qr: this.codes.push,
    pairingCode: this.pairingCodes.push,
    pairingRefused: () => this.refusals.push("pairing"),
    state: (detail, more = {}) => this.states.push({ detail, ...more }),
    fact: this.facts.push,
    unknownPayload: this.unknowns.push,
    missed: this.missed.push,
    typing: this.typings.push,
  };

  code() {
    return this.codes.next(() => true, deadlineMs);
  }

  pairingCode() {
    return this.pairingCodes.next(() => true, deadlineMs);
  }

  state(detail: SessionDetail, timeoutMs = deadlineMs): Promise<State> {
    return this.states.next((state) => state.detail === detail, timeoutMs);
  }

  fact<Kind extends EngineFact["kind"]>(
    kind: Kind,
    predicate: (fact: FactOf<Kind>) => boolean = () => true,
  ): Promise<FactOf<Kind>> {
    const matches = (fact: EngineFact): fact is FactOf<Kind> => fact.kind === kind && predicate(fact as FactOf<Kind>);
    return this.facts.next(matches, deadlineMs);
  }

  message(body: string): Promise<FactOf<"message">> {
    return this.fact("message", (fact) => fact.body === body);
  }

  typing() {
    return this.typings.next(() => true, deadlineMs);
  }
}

/** Creates a message id of the form that the connector uses. */
export const newKey = () => `3EB0${crypto.randomUUID().replaceAll("-", "").slice(0, 18).toUpperCase()}`;

/** Creates an outbound text, for `find`. */
export const textTo = (number: string, waKey: string, body = "") =>
  ({ kind: "text", waKey, waChatId: `${number}@c.us`, body }) as const;
