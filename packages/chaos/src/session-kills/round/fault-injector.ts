import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { TestEnvironment } from "../environment/test-environment.ts";
import { type InjectedFault, injectAll } from "../faults/inject.ts";
import type { Fault, FaultKind, PlannedFault } from "../faults/plan.ts";
import type { Recovery } from "./recovery.ts";
import type { RoundParts } from "./round-parts.ts";
import type { LinkedSession } from "./traffic.ts";

const pollIntervalMs = 200;
/** Covers the backoff of an engine that failed often, the lease and a start on a busy machine. */
const recoveryDeadlineMs = 360_000;
/** Time to wait for the planned session before another connected session is used instead. */
const preferenceMs = 500;

/** Injects planned faults into connected sessions and records when each session recovered. */
export class FaultInjector {
  readonly injected: InjectedFault[] = [];
  connectClicks = 0;
  /** Number of times that a session moved to the other connector. */
  moves = 0;
  private owners: readonly (string | undefined)[] = [];

  constructor(
    private readonly environment: Pick<TestEnvironment, "records">,
    private readonly parts: RoundParts,
    private readonly linkedSessions: readonly LinkedSession[],
  ) {}

  get kills(): number {
    return this.injected.filter(({ kind }) => kind !== "freeze").length;
  }

  /** Waits for suitable sessions and injects the faults. Rejects if none is connected before the deadline. */
  async inject({ afterMs, faults }: PlannedFault): Promise<InjectedFault[]> {
    await delay(afterMs);
    for (const startedAt = Date.now(); ; await delay(pollIntervalMs)) {
      const waitedMs = Date.now() - startedAt;
      const ready = await this.connected();
      const chosen = faults.flatMap((fault) => chooseSession(fault, ready, waitedMs > preferenceMs) ?? []);
      const injected = chosen.length === faults.length ? await injectAll(chosen, this.targets()) : undefined;
      if (injected) {
        this.injected.push(...injected);
        return injected;
      }
      if (waitedMs > recoveryDeadlineMs)
        throw new Error(`No target was available for ${waitedMs} ms: ${await this.states()}`);
    }
  }

  /** Rejects if not all sessions are connected before the deadline. */
  async untilAllConnected(): Promise<void> {
    for (const startedAt = Date.now(); ; await delay(pollIntervalMs)) {
      if ((await this.connected()).length === this.linkedSessions.length) return;
      if (Date.now() - startedAt > recoveryDeadlineMs)
        throw new Error(`Not connected within ${recoveryDeadlineMs / 1_000} s: ${await this.states()}`);
    }
  }

  /** One entry per fault and affected session. `publishedAt`: time of the first `new_message` event by message key. */
  recoveries(publishedAt: ReadonlyMap<string, number>): Recovery[] {
    return this.injected.flatMap(({ kind, sessions, atMs }) =>
      sessions.map((session): Recovery => {
        const later = [...(this.linkedSessions[session]?.deliveredAt ?? [])].filter(
          ([, deliveredAt]) => deliveredAt > atMs,
        );
        const published = later.flatMap(([key]) => publishedAt.get(key) ?? []);
        const connectedAt = kind === "freeze" ? undefined : this.connectedAfter(session, atMs);
        return {
          kind,
          connectedMs: connectedAt && connectedAt - atMs,
          messageMs: published.length > 0 ? Math.min(...published) - atMs : undefined,
        };
      }),
    );
  }

  get hits(): Partial<Record<FaultKind, number>> {
    const hits: Partial<Record<FaultKind, number>> = {};
    for (const { kind } of this.injected) hits[kind] = (hits[kind] ?? 0) + 1;
    return hits;
  }

  /** Indexes of connected sessions. Requests a connection for failed sessions, which a user would have to do. */
  private async connected(): Promise<number[]> {
    const { company } = this.parts;
    const sessions = await company.sessions();
    for (const session of sessions.filter(({ detail }) => detail === "failed")) {
      this.connectClicks += 1;
      await company.connect(session.id);
    }
    const details = new Map(sessions.map(({ id, detail }) => [id, detail]));
    return this.linkedSessions.flatMap(({ sessionId }, index) =>
      details.get(sessionId) === "connected" && !this.isStale(index) ? [index] : [],
    );
  }

  /** True if the state "connected" dates from before the last kill. */
  private isStale(index: number): boolean {
    const last = this.injected.findLast(({ kind, sessions }) => kind !== "freeze" && sessions.includes(index));
    return last !== undefined && this.connectedAfter(index, last.atMs) === undefined;
  }

  private connectedAfter(index: number, atMs: number): number | undefined {
    const id = this.linkedSessions[index]?.sessionId;
    return this.parts.events.statuses.find(
      (status) => status.sessionId === id && status.detail === "connected" && status.atMs > atMs,
    )?.atMs;
  }

  private targets() {
    const { paths, connectors, company } = this.parts;
    return {
      profiles: this.linkedSessions.map(({ sessionId }) => join(paths.profiles, sessionId)),
      connectors,
      owners: async () => {
        const found = await this.environment.records.owners(company.id);
        const owners = this.linkedSessions.map(({ sessionId }) => found.get(sessionId));
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

/** Chooses the planned session, or the next connected one if `mayReplace`. Undefined if none is available. */
function chooseSession(fault: Fault, ready: readonly number[], mayReplace: boolean): Fault | undefined {
  if (ready.includes(fault.session)) return fault;
  if (!mayReplace) return undefined;
  const session = ready.find((index) => index > fault.session) ?? ready[0];
  return session === undefined ? undefined : { ...fault, session };
}
