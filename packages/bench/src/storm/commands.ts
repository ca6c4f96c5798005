import type { Endpoint } from "../client-pool/commands.ts";

/** One client of the storm: both count from 0. */
export interface ClientPosition {
  company: number;
  member: number;
}

/** What the benchmark tells the process of the clients. */
export type StormCommand =
  | { kind: "join"; companies: number; members: number }
  | { kind: "cut" }
  | { kind: "endpoint"; ask: number; endpoint: Endpoint }
  /** How many events each company was told: the end of what everybody is entitled to. */
  | { kind: "judge"; told: number[] };

/** What it hears of it. `ask`: a client needs a fresh ticket; `since` is the position where it stands. */
export type StormReport =
  | { kind: "ask"; ask: number; position: ClientPosition; since: string | undefined }
  | { kind: "joined" }
  /** Since the cut, by the clock of the clients' process. */
  | { kind: "caughtUp"; afterMs: number; attempts: number }
  | { kind: "verdict"; verdict: Verdict }
  | { kind: "failed"; reason: string };

/** Over all clients and the whole run; everything but `received` must be 0. */
export interface Verdict {
  received: number;
  missing: number;
  doubled: number;
  /** Of another company. */
  foreign: number;
  /** Greetings that said that the past can't be told, and holes that were owned up to, after the first visit. */
  holes: number;
}

/** In the text of each event: whose it is, its number among the company's from 1, and whether all wait for it. */
export const markOf = (company: number, number: number, isMarker: boolean): string =>
  `#${company}:${number}:${isMarker ? 1 : 0}#`;

/** Undefined where there is none. */
export function readMark(text: string): { company: number; number: number; isMarker: boolean } | undefined {
  const found = /#(\d+):(\d+):([01])#/.exec(text);
  return found ? { company: Number(found[1]), number: Number(found[2]), isMarker: found[3] === "1" } : undefined;
}
