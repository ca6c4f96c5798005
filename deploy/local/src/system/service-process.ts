import { renameSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type OwnedProcess, startOwnedProcess } from "@syszap/testing/servers";
import { print } from "../console.ts";

const pollIntervalMs = 50;
const initialBackoffMs = 250;
const maxBackoffMs = 10_000;
/** A service that ran this long counts as stable: its backoff is reset. */
const stableAfterMs = 30_000;
const readyDeadlineMs = 60_000;
const stopDeadlineMs = 17_000;

export interface ServiceOptions {
  /** Name of the process. Has a number if there are several instances, such as `ws-gateway-2`. */
  name: string;
  command: string;
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  port: number;
  logFile: string;
  readyPath: string;
}

/** Supervises one process of a service. Restarts it with exponential backoff when it exits unexpectedly. */
export class ServiceProcess {
  private current: OwnedProcess | undefined;
  private isStopping = false;
  private backoffMs = initialBackoffMs;
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

  /** Resolves when the process runs. It may not be ready yet. */
  async start(): Promise<void> {
    rotateLog(this.options.logFile);
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
      if (Date.now() - startedAt > stableAfterMs) this.backoffMs = initialBackoffMs;
      print(`${this.options.name} exited with code ${code}, restarting it (log: ${this.options.logFile})`);
      await delay(this.backoffMs);
      this.backoffMs = Math.min(this.backoffMs * 2, maxBackoffMs);
      if (!this.isStopping) await this.launch();
    }
  }

  /** Resolves when the readiness endpoint answers with success. Throws after 60 seconds. */
  async ready(): Promise<void> {
    for (const startedAt = Date.now(); !(await this.isReady()); await delay(pollIntervalMs)) {
      if (this.isStopping) return;
      if (Date.now() - startedAt > readyDeadlineMs) {
        throw new Error(
          `${this.options.name} is not ready after ${readyDeadlineMs / 1_000} s. Log: ${this.options.logFile}`,
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

  /** Stops the process with SIGTERM, and with SIGKILL after a deadline. */
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

/** Starts a new log file and keeps the previous one as `<file>.before`. */
function rotateLog(logFile: string): void {
  try {
    renameSync(logFile, `${logFile}.before`);
  } catch {
    // There is no previous log.
  }
}
