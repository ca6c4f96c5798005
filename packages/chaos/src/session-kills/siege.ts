import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Blow, Fault, FaultKind } from "./faults/plan.ts";
import { type Strike, strikeAll } from "./faults/strike.ts";
import type { Ground } from "./ground.ts";
import type { Recovery } from "./recovery.ts";
import type { RoundParts } from "./round.ts";
import type { Line } from "./traffic.ts";

const lookAgainMs = 200;
/** Backoff of an engine that broke often, lease, and a start on a busy machine. */
const backWithinMs = 180_000;
/** So long the session that was planned is waited for; then one that is connected takes its place. */
const preferenceMs = 500;

/** Strikes what is connected, and knows what came back when. */
export class Siege {
  readonly strikes: Strike[] = [];
  pressedConnect = 0;
  /** How often a session was found on the other connector than before. */
  moves = 0;
  private owners: readonly (string | undefined)[] = [];

  constructor(
    private readonly ground: Pick<Ground, "records">,
    private readonly parts: RoundParts,
    private readonly lines: readonly Line[],
  ) {}

  get kills(): number {
    return this.strikes.filter(({ kind }) => kind !== "freeze").length;
  }

  /** Rejects when nothing that could be hit came back in time. */
  async strike({ afterMs, faults }: Blow): Promise<Strike[]> {
    await delay(afterMs);
    for (const startedAt = Date.now(); ; await delay(lookAgainMs)) {
      const waitedMs = Date.now() - startedAt;
      const ready = await this.connected();
      const aimed = faults.flatMap((fault) => aim(fault, ready, waitedMs > preferenceMs) ?? []);
      const struck = aimed.length === faults.length ? await strikeAll(aimed, this.targets()) : undefined;
      if (struck) {
        this.strikes.push(...struck);
        return struck;
      }
      if (waitedMs > backWithinMs)
        throw new Error(`there was nothing to hit for ${waitedMs} ms: ${await this.states()}`);
    }
  }

  /** Rejects when not all came back in time. */
  async untilAllConnected(): Promise<void> {
    for (const startedAt = Date.now(); ; await delay(lookAgainMs)) {
      if ((await this.connected()).length === this.lines.length) return;
      if (Date.now() - startedAt > backWithinMs)
        throw new Error(`not connected within ${backWithinMs / 1_000} s: ${await this.states()}`);
    }
  }

  /** For each strike and each session that it hit; `toldAt`: when browsers were first told of a message, by its key. */
  recoveries(toldAt: ReadonlyMap<string, number>): Recovery[] {
    return this.strikes.flatMap(({ kind, sessions, atMs }) =>
      sessions.map((session): Recovery => {
        const later = [...(this.lines[session]?.deliveredAt ?? [])].filter(([, deliveredAt]) => deliveredAt > atMs);
        const told = later.flatMap(([key]) => toldAt.get(key) ?? []);
        const connectedAt = kind === "freeze" ? undefined : this.connectedAfter(session, atMs);
        return {
          kind,
          connectedMs: connectedAt && connectedAt - atMs,
          messageMs: told.length > 0 ? Math.min(...told) - atMs : undefined,
        };
      }),
    );
  }

  get hits(): Partial<Record<FaultKind, number>> {
    const hits: Partial<Record<FaultKind, number>> = {};
    for (const { kind } of this.strikes) hits[kind] = (hits[kind] ?? 0) + 1;
    return hits;
  }

  /** Which lines are connected. Presses Connect where a session rests since it broke too often: that is for a person. */
  private async connected(): Promise<number[]> {
    const { company } = this.parts;
    const sessions = await company.sessions();
    for (const session of sessions.filter(({ detail }) => detail === "failed")) {
      this.pressedConnect += 1;
      await company.connect(session.id);
    }
    const details = new Map(sessions.map(({ id, detail }) => [id, detail]));
    return this.lines.flatMap(({ sessionId }, index) =>
      details.get(sessionId) === "connected" && !this.isStale(index) ? [index] : [],
    );
  }

  /** "connected" is still what its killed owner had said. */
  private isStale(index: number): boolean {
    const last = this.strikes.findLast(({ kind, sessions }) => kind !== "freeze" && sessions.includes(index));
    return last !== undefined && this.connectedAfter(index, last.atMs) === undefined;
  }

  private connectedAfter(index: number, atMs: number): number | undefined {
    const id = this.lines[index]?.sessionId;
    return this.parts.heard.statuses.find(
      (status) => status.sessionId === id && status.detail === "connected" && status.atMs > atMs,
    )?.atMs;
  }

  private targets() {
    const { places, connectors, company } = this.parts;
    return {
      profiles: this.lines.map(({ sessionId }) => join(places.profiles, sessionId)),
      connectors,
      owners: async () => {
        const found = await this.ground.records.owners(company.id);
        const owners = this.lines.map(({ sessionId }) => found.get(sessionId));
        this.moves += owners.filter((owner, index) => owner !== (this.owners[index] ?? owner)).length;
        this.owners = owners.map((owner, index) => owner ?? this.owners[index]);
        return owners;
      },
    };
  }

  private async states(): Promise<string> {
    const sessions = await this.parts.company.sessions();
    return sessions.map(({ detail, reason }) => `${detail} (${reason ?? "no reason"})`).join(", ");
  }
}

/** The planned session, or the next one that is connected; undefined while none may be hit. */
function aim(fault: Fault, ready: readonly number[], isAnyFine: boolean): Fault | undefined {
  if (ready.includes(fault.session)) return fault;
  if (!isAnyFine) return undefined;
  const session = ready.find((index) => index > fault.session) ?? ready[0];
  return session === undefined ? undefined : { ...fault, session };
}
