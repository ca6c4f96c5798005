import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type BuiltService, startBuiltService } from "@syszap/testing/servers";

const leaseMs = 9_000;
const stopDeadlineMs = 30_000;
const killedBySignal = 128 + 9;

/** Where one seed's connectors keep what they keep; nothing else writes there. */
export interface Places {
  profiles: string;
  temporary: string;
  home: string;
  media: string;
  logs: string;
}

/** Two connectors over one disk, as two machines with a shared volume would run: each takes over what the other one leaves. */
export class Connectors {
  private readonly running = new Map<string, BuiltService>();
  private readonly returning = new Set<Promise<void>>();

  constructor(
    private readonly places: Places,
    private readonly environment: Record<string, string>,
    private readonly names: readonly string[] = ["north", "south"],
  ) {}

  async start(): Promise<void> {
    for (const folder of Object.values(this.places)) await mkdir(folder, { recursive: true });
    await Promise.all(this.names.map((name) => this.startOne(name)));
  }

  /** Names of those that run. */
  get alive(): string[] {
    return [...this.running.keys()];
  }

  /** With SIGKILL; comes back by itself. False when it does not run. */
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

  /** Resolves when all run again; rejects when one does not start any more. */
  async allBack(): Promise<void> {
    await Promise.all(this.returning);
  }

  /** What facts of WhatsApp they have not handed on yet. */
  async factsUnderWay(): Promise<number> {
    const reports = await Promise.all(
      [...this.running.values()].map(async ({ url }) => {
        const answer = await fetch(`${url}/sessions`, { signal: AbortSignal.timeout(5_000) });
        return (await answer.json()) as { factsUnderWay: number }[];
      }),
    );
    return reports.flat().reduce((sum, { factsUnderWay }) => sum + factsUnderWay, 0);
  }

  /** In order. Resolves with sentences about those that did not end so. */
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
    const { places } = this;
    const env = {
      ...this.environment,
      CONNECTOR_ID: name,
      LEASE_MS: String(leaseMs),
      PROFILE_DIRECTORY: places.profiles,
      MEDIA_DIRECTORY: places.media,
      // The engines' processes inherit it: by it everything that a connector ever started is found again.
      TMPDIR: places.temporary,
      HOME: places.home,
    };
    const logFile = join(places.logs, `${name}.log`);
    this.running.set(name, await startBuiltService({ service: "whatsapp-connector", env, logFile }));
  }
}
