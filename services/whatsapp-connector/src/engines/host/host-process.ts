import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { SessionReason } from "@syszap/contracts";
import { type EngineListener, SendError } from "../contract/engine.ts";
import { toError, toErrorMessage } from "./error-message.ts";
import { OfferedFiles } from "./offered-files.ts";
import { ProcessTree, runVariable } from "./process-tree.ts";
import { type HostCommand, type HostReport, heartbeatMs } from "./protocol.ts";
import type { TemporaryFolder } from "./temporary-folder.ts";

export interface HostTimes {
  /** Grace period of a normal stop; then the processes are killed. Must be below the session's own stop timeout. */
  graceMs: number;
  /** Time until the first report. Generous, since many hosts that start together slow each other down. */
  startMs: number;
  /** Maximum time between two reports after the first. */
  silenceMs: number;
  measureEveryMs: number;
}

export const hostTimes: HostTimes = { graceMs: 5_500, startMs: 60_000, silenceMs: 20_000, measureEveryMs: 10_000 };

/** How host processes are run. */
export interface Hosting {
  /** The module that a host process runs, from the bundle or from source. */
  entry: URL;
  /** Limit for JavaScript objects in the host. */
  heapMegabytes: number;
  /** Limit for all processes of an engine together. When it is exceeded they are killed, and the session restarts the engine. */
  memoryMegabytes: number;
  times: HostTimes;
}

/** Environment variables that the host inherits. It gets no address or password of a database. */
const inheritedVariables = [
  "PATH",
  "HOME",
  "TMPDIR",
  "LANG",
  "TZ",
  "LD_LIBRARY_PATH",
  "NODE_ENV",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "XDG_CONFIG_HOME",
  "XDG_CACHE_HOME",
  "XDG_RUNTIME_DIR",
  "FONTCONFIG_PATH",
  "FONTCONFIG_FILE",
];

/** Why a host ended: `reason` is shown to users, `cause` goes to the log. */
export interface HostEnd {
  reason: SessionReason;
  cause: string;
}

type HostRequest = Extract<HostCommand, { kind: "call" | "control" | "pull" }>;
type WithoutId<Request> = Request extends { id: number } ? Omit<Request, "id"> : never;

/** One host process in its own process group. It is monitored, and killed together with everything it started. */
export class HostProcess {
  /** Resolves when the host and everything it started have ended, for any reason. */
  readonly gone: Promise<HostEnd>;
  memoryBytes: number | undefined;
  /** Files that the host may pull. */
  readonly files = new OfferedFiles();
  private readonly child: ChildProcess;
  private readonly tree: ProcessTree;
  private readonly waiting = new Map<number, { resolve(result: unknown): void; reject(err: Error): void }>();
  private readonly timers: NodeJS.Timeout[];
  private lastId = 0;
  /** Heartbeats of this process since the last report. */
  private silentTicks = 0;
  private hasBegun = false;
  private end: HostEnd | undefined;

  constructor(
    private readonly hosting: Hosting,
    private readonly listener: EngineListener,
    private readonly temporary: TemporaryFolder,
  ) {
    const run = randomUUID();
    const path = fileURLToPath(hosting.entry);
    const isSource = path.endsWith(".ts");
    this.child = fork(path, [], {
      detached: true,
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      ...(isSource && { cwd: fileURLToPath(new URL(".", hosting.entry)) }), // tsx is resolved from here
      execArgv: [
        `--max-old-space-size=${hosting.heapMegabytes}`,
        ...(isSource ? ["--import", "tsx"] : ["--enable-source-maps"]),
      ],
      env: {
        ...Object.fromEntries(inheritedVariables.map((name) => [name, process.env[name]])),
        ...(temporary.path !== undefined && { TMPDIR: temporary.path }),
        [runVariable]: run,
      },
    });
    this.tree = new ProcessTree(this.child.pid ?? 0, run);
    this.child.on("message", (report: HostReport) => this.receive(report));
    this.child.on("error", () => undefined); // `gone` reports it
    this.gone = this.ended();
    this.timers = [
      setInterval(() => this.checkSilence(), heartbeatMs),
      setInterval(() => void this.measure(), hosting.times.measureEveryMs),
    ];
  }

  get hasEnded(): boolean {
    return this.end !== undefined;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  send(command: HostCommand): void {
    // An error means that the channel is closed: the process ends, and `gone` reports it.
    if (this.child.connected) this.child.send(command, () => undefined);
  }

  /** Rejects with the engine's error, or when the host ends. */
  request(request: WithoutId<HostRequest>): Promise<unknown> {
    if (this.end !== undefined || !this.child.connected)
      return Promise.reject(new SendError("the engine process has ended", "transient"));
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.send({ ...request, id } as HostRequest);
    });
  }

  /** Kills the host and everything it started. */
  kill(end: HostEnd): void {
    this.end ??= end;
    if (this.child.exitCode === null && this.child.signalCode === null) this.tree.kill();
  }

  private async ended(): Promise<HostEnd> {
    const byItself = await new Promise<HostEnd>((resolve) => {
      this.child.once("error", (err) => resolve({ reason: "engine_not_started", cause: err.message }));
      this.child.once("exit", (code, signal) =>
        resolve({ reason: "engine_crashed", cause: signal ?? `exit code ${code}` }),
      );
    });
    this.end ??= byItself;
    const { end } = this;
    for (const timer of this.timers) clearInterval(timer);
    const err = new SendError(`the engine process has ended: ${end.cause}`, "transient");
    for (const { reject } of this.waiting.values()) reject(err);
    this.waiting.clear();
    // Without a pid nothing was started. Otherwise processes that the host started may still run.
    if (this.child.pid !== undefined) while (!(await this.tree.end())) this.memoryBytes = undefined;
    await this.temporary.remove();
    return end;
  }

  private receive(report: HostReport): void {
    this.silentTicks = 0;
    this.hasBegun = true;
    switch (report.kind) {
      case "alive":
        return;
      case "event":
        (this.listener[report.event] as (...args: unknown[]) => void)(...report.args);
        return;
      case "pull":
        void this.sendPiece(report);
        return;
      case "drop":
        this.files.drop(report.file);
        return;
      case "result":
        this.waiting.get(report.id)?.resolve(report.result);
        this.waiting.delete(report.id);
        return;
      case "error":
        this.waiting.get(report.id)?.reject(toError(report.error));
        this.waiting.delete(report.id);
    }
  }

  private async sendPiece({ pull, file }: { pull: number; file: number }): Promise<void> {
    try {
      this.send({ kind: "piece", pull, piece: await this.files.pull(file) });
    } catch (err) {
      this.send({ kind: "piece", pull, piece: null, error: toErrorMessage(err) });
    }
  }

  /** Counts timer ticks instead of elapsed time, so that a stall of this process does not count as silence of the host. */
  private checkSilence(): void {
    this.silentTicks += 1;
    const { startMs, silenceMs } = this.hosting.times;
    const limitMs = this.hasBegun ? silenceMs : startMs;
    if (this.silentTicks * heartbeatMs > limitMs)
      this.kill({ reason: "engine_silent", cause: `no report for ${Math.round(limitMs / 1_000)} s` });
  }

  private async measure(): Promise<void> {
    this.memoryBytes = await this.tree.memoryBytes();
    const { memoryMegabytes } = this.hosting;
    if ((this.memoryBytes ?? 0) > memoryMegabytes * 1_048_576)
      this.kill({ reason: "engine_out_of_memory", cause: `its processes use more than ${memoryMegabytes} MB` });
  }
}
