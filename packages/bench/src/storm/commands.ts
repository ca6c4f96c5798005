import type { Endpoint } from "../client-pool/commands.ts";

/** Identifies one client. Both indexes start at 0. */
export interface ClientPosition {
  company: number;
  member: number;
}

/** Commands to the process of the clients. */
export type StormCommand =
  | { kind: "join"; companies: number; members: number }
  | { kind: "cut" }
  | { kind: "endpoint"; requestId: number; endpoint: Endpoint }
  /** `published`: number of events per company. */
  | { kind: "check"; published: number[] };

/** Reports of the process. `request` asks for an endpoint with a fresh ticket; `since` is the client's cursor. */
export type StormReport =
  | { kind: "request"; requestId: number; position: ClientPosition; since: string | undefined }
  | { kind: "joined" }
  /** `afterMs` counts from the cut, by the clock of the clients' process. */
  | { kind: "caughtUp"; afterMs: number; attempts: number }
  | { kind: "verdict"; verdict: Verdict }
  | { kind: "failed"; reason: string };

/** Totals over all clients and the whole run. Everything except `received` must be 0. */
export interface Verdict {
  received: number;
  missing: number;
  duplicates: number;
  /** Events of another company. */
  foreign: number;
  /** Number of `resync` frames. */
  resyncs: number;
  /** Number of welcomes with `recovered: false` after the first connection. */
  notRecovered: number;
}

/** Mark in the body of each event: company, number within the company (from 1), and whether the clients wait for it. */
export const markOf = (company: number, number: number, isMarker: boolean): string =>
  `#${company}:${number}:${isMarker ? 1 : 0}#`;

/** Parses the mark; undefined if the text has none. */
export function readMark(text: string): { company: number; number: number; isMarker: boolean } | undefined {
  const found = /#(\d+):(\d+):([01])#/.exec(text);
  return found ? { company: Number(found[1]), number: Number(found[2]), isMarker: found[3] === "1" } : undefined;
}
