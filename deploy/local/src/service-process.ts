import { renameSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type OwnedProcess, startOwnedProcess } from "@syszap/testing/servers";
import { say } from "./say.ts";

const lookAgainMs = 50;
const firstBackoffMs = 250;
const longestBackoffMs = 10_000;
/** A service that ran this long was well: its next crash starts with the short wait again. */
const wellAfterMs = 30_000;
const readyDeadlineMs = 60_000;
const stopDeadlineMs = 17_000;

export interface ServiceOptions {
  /** With a number when there are several: `ws-gateway-2`. */
  name: string;
  command: string;
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  port: number;
  logFile: string;
  readyPath: string;
}

/** One process of a service: started again when it ends by itself, with growing waits. */
export class ServiceProcess {
  private current: OwnedProcess | undefined;
  private isStopping = false;
  private backoffMs = firstBackoffMs;
  private running: Promise<void> | undefined;

  constructor(
    readonly options: ServiceOptions,
    private readonly onStarted: () => void,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.options.port}`;
  }

  get process(): OwnedProcess | undefined {
    return this.current;
  }

  /** Resolves when the process runs; it may not be ready yet. */
  async start(): Promise<void> {
    keepLastLog(this.options.logFile);
    await this.launch();
    this.running = this.keepRunning();
  }

  private async launch(): Promise<void> {
    const { command, args, cwd, env, logFile } = this.options;
    this.current = await startOwnedProcess({ command, args, cwd, env, logFile });
    this.onStarted();
  }

  private async keepRunning(): Promise<void> {
    while (!this.isStopping) {
      const startedAt = Date.now();
      const code = await this.current?.exited;
      if (this.isStopping) return;
      if (Date.now() - startedAt > wellAfterMs) this.backoffMs = firstBackoffMs;
      say(`${this.options.name} ended with exit code ${code}, starting it again (see ${this.options.logFile})`);
      await delay(this.backoffMs);
      this.backoffMs = Math.min(this.backoffMs * 2, longestBackoffMs);
      if (!this.isStopping) await this.launch();
    }
  }

  /** Waits until it says that all it needs answers. */
  async ready(): Promise<void> {
    for (const startedAt = Date.now(); !(await this.isReady()); await delay(lookAgainMs)) {
      if (this.isStopping) return;
      if (Date.now() - startedAt > readyDeadlineMs) {
        throw new Error(
          `${this.options.name} is not ready after ${readyDeadlineMs / 1_000} s; see ${this.options.logFile}`,
        );
      }
    }
  }

  async isReady(): Promise<boolean> {
    try {
      const answer = await fetch(`${this.url}${this.options.readyPath}`, { signal: AbortSignal.timeout(3_000) });
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false;
    }
  }

  /** In order, within its own deadline; killed after that. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.current?.stop(stopDeadlineMs);
    await this.running;
  }

  kill(): void {
    this.isStopping = true;
    void this.current?.kill();
  }
}

/** Each run has its own log, and the one before stays readable. */
function keepLastLog(logFile: string): void {
  try {
    renameSync(logFile, `${logFile}.before`);
  } catch {
    // The first run has none before it.
  }
}
