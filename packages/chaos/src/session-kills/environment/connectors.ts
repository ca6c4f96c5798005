import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type BuiltService, startBuiltService } from "@syszap/testing/servers";

const leaseMs = 9_000;
const stopDeadlineMs = 30_000;
const killedBySignal = 128 + 9;

/** Folders of the connectors of one seed. No other process writes there. */
export interface ConnectorPaths {
  profiles: string;
  temporary: string;
  home: string;
  media: string;
  logs: string;
}

/** Two connectors on one disk, like two machines with a shared volume. Each takes over the sessions of the other. */
export class Connectors {
  private readonly running = new Map<string, BuiltService>();
  private readonly returning = new Set<Promise<void>>();

  constructor(
    private readonly paths: ConnectorPaths,
    private readonly environment: Record<string, string>,
    private readonly names: readonly string[] = ["north", "south"],
  ) {}

  async start(): Promise<void> {
    for (const folder of Object.values(this.paths)) await mkdir(folder, { recursive: true });
    await Promise.all(this.names.map((name) => this.startOne(name)));
  }

  /** Names of the running connectors. */
  get alive(): string[] {
    return [...this.running.keys()];
  }

  /** Sends SIGKILL and restarts the connector after `awayMs`. Returns false if it is not running. */
  kill(name: string, awayMs: number): boolean {
    const connector = this.running.get(name);
    if (!connector) return false;
    this.running.delete(name);
    const back = connector.process
      .kill()
      .then(() => delay(awayMs))
      .then(() => this.startOne(name))
      .finally(() => this.returning.delete(back));
    this.returning.add(back);
    return true;
  }

  /** Resolves when all killed connectors run again; rejects if one does not start. */
  async untilAllRunning(): Promise<void> {
    await Promise.all(this.returning);
  }

  /** Number of facts that the connectors have not yet handed to the queue. */
  async factsUnderWay(): Promise<number> {
    const reports = await Promise.all(
      [...this.running.values()].map(async ({ url }) => {
        const answer = await fetch(`${url}/sessions`, { signal: AbortSignal.timeout(5_000) });
        return (await answer.json()) as { factsUnderWay: number }[];
      }),
    );
    return reports.flat().reduce((sum, { factsUnderWay }) => sum + factsUnderWay, 0);
  }

  /** Stops all connectors gracefully. Resolves with violations about connectors that failed to stop. */
  async stop(): Promise<string[]> {
    await Promise.allSettled(this.returning);
    const faults = await Promise.all(
      [...this.running].map(async ([name, { process: owned }]) => {
        await owned.stop(stopDeadlineMs);
        const code = await owned.exited;
        if (code === killedBySignal) return `connector ${name} did not stop within ${stopDeadlineMs} ms and was killed`;
        return code === 0 ? undefined : `connector ${name} stopped with exit code ${code}`;
      }),
    );
    this.running.clear();
    return faults.filter((fault) => fault !== undefined);
  }

  private async startOne(name: string): Promise<void> {
    const { paths } = this;
    const env = {
      ...this.environment,
      CONNECTOR_ID: name,
      LEASE_MS: String(leaseMs),
      PROFILE_DIRECTORY: paths.profiles,
      MEDIA_DIRECTORY: paths.media,
      // Inherited by engine processes: it identifies every process that a connector has started.
      TMPDIR: paths.temporary,
      HOME: paths.home,
    };
    const logFile = join(paths.logs, `${name}.log`);
    this.running.set(name, await startBuiltService({ service: "whatsapp-connector", env, logFile }));
  }
}
