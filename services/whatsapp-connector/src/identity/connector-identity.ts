import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import {
  type ConnectorProcess,
  type ConnectorState,
  heartbeatEveryMs,
  type RecordedConnector,
  type SystemRepositories,
} from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { PeriodicTask } from "@syszap/platform/async";
import { isKnownDead, readProcessSpace } from "./process-space.ts";

export interface IdentityTimes {
  /** A process under the same id that sends no heartbeat for this long is dead. */
  silenceMs: number;
  pollMs: number;
  heartbeatEveryMs: number;
}
const identityTimes: IdentityTimes = { silenceMs: 5 * heartbeatEveryMs, pollMs: 250, heartbeatEveryMs };

/** Another process runs under this connector's id. */
export class ConnectorIdInUseError extends Error {
  override readonly name = "ConnectorIdInUseError";

  constructor({ id, host, pid, startedAt }: RecordedConnector) {
    super(
      `Connector "${id}" already runs on host ${host} (process ${pid}, since ${startedAt.toISOString()}). ` +
        "Give each connector its own CONNECTOR_ID, profile directory and spool.",
    );
  }
}

interface IdentityDependencies {
  connectors: SystemRepositories["connectors"];
  /** `version` is shown to operators. */
  process: Pick<ConnectorProcess, "id" | "version" | "maxSessions">;
  times?: Partial<IdentityTimes>;
  log: Logger;
}

/**
 * The id under which this process runs. Two processes under one id would take each other's sessions, so the second one does not
 * start, and a process that was replaced, for example while it was paused, ends.
 */
export class ConnectorIdentity {
  private heartbeat: PeriodicTask | undefined;
  private lastState: ConnectorState = "active";

  private constructor(
    readonly process: ConnectorProcess,
    private readonly connectors: SystemRepositories["connectors"],
    private readonly times: IdentityTimes,
    private readonly log: Logger,
  ) {}

  /**
   * Records this process under its id. Rejects with `ConnectorIdInUseError` while another process under it is alive. After a
   * crash this takes up to `silenceMs`, unless the dead process is known by its pid.
   */
  static async claim({ connectors, process: given, times, log }: IdentityDependencies): Promise<ConnectorIdentity> {
    const processSpace = await readProcessSpace();
    const own: ConnectorProcess = { ...given, nonce: randomUUID(), host: hostname(), processSpace, pid: process.pid };
    const identity = new ConnectorIdentity(own, connectors, { ...identityTimes, ...times }, log);
    while (!(await connectors.record(own, await identity.deadPredecessor()))) {
      // Another process was faster. It is judged in the next round.
    }
    return identity;
  }

  get id(): string {
    return this.process.id;
  }

  get nonce(): string {
    return this.process.nonce;
  }

  /** As of the last heartbeat. */
  get state(): ConnectorState {
    return this.lastState;
  }

  /** `onReplaced` is called when another process was recorded under the id: this one must stop at once. */
  start(onReplaced: (err: Error) => void): void {
    const beat = async () => {
      const state = await this.connectors.beat(this.process);
      if (state) this.lastState = state;
      else onReplaced(new Error(`another process was started as connector "${this.id}"`));
    };
    const onError = (err: unknown) => this.log.warn({ err }, "could not record the connector's heartbeat");
    this.heartbeat = new PeriodicTask({ everyMs: this.times.heartbeatEveryMs, run: beat, onError, jitterRatio: 0 });
    this.heartbeat.start();
  }

  /** Call it after the sessions were handed over: the next process under the id then starts at once. */
  async stop(): Promise<void> {
    await this.heartbeat?.stop();
    await this.connectors.recordStop(this.process).catch((err: unknown) => {
      this.log.warn({ err }, "could not record the connector's stop, its next start takes some seconds");
    });
  }

  /** Nonce of the process that was recorded under the id and is dead; undefined if none was. */
  private async deadPredecessor(): Promise<string | undefined> {
    const first = await this.connectors.find(this.id);
    if (!first) return undefined;
    if (first.stoppedAt || isKnownDead(first, this.process.processSpace)) return first.nonce;
    this.log.info(
      { connectorId: this.id, host: first.host, pid: first.pid },
      "checking whether the earlier process is alive",
    );
    for (const until = performance.now() + this.times.silenceMs; performance.now() < until; ) {
      await delay(this.times.pollMs);
      const now = await this.connectors.find(this.id);
      if (!now || now.nonce !== first.nonce || now.stoppedAt) return this.deadPredecessor();
      if (now.lastSeenAt > first.lastSeenAt) throw new ConnectorIdInUseError(now);
    }
    return first.nonce;
  }
}
