import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { SessionReason } from "@syszap/contracts";
import { type EngineListener, SendError } from "../contract/engine.ts";
import { OfferedFiles } from "./offered-files.ts";
import { ProcessTree, runVariable } from "./process-tree.ts";
import { aliveEveryMs, type HostOrder, type HostReport } from "./protocol.ts";
import { errorOf, refusalOf } from "./refusal.ts";
import type { TemporaryFolder } from "./temporary-folder.ts";

export interface HostTimes {
  /** So long an orderly stop may take; then its processes are killed. Below the session's own patience. */
  graceMs: number;
  /** So long it may take to load; many that start at once make each other late. */
  startMs: number;
  /** So long a host may say nothing at all, once it has begun. */
  silenceMs: number;
  measureEveryMs: number;
}
export const hostTimes: HostTimes = { graceMs: 5_500, startMs: 60_000, silenceMs: 20_000, measureEveryMs: 10_000 };

/** How hosts are run. */
export interface Hosting {
  /** The file that a host process runs: of the bundle, or the source. */
  entry: URL;
  /** Of JavaScript objects in the host. */
  heapMegabytes: number;
  /** Of all processes of an engine together; beyond, they are ended and started afresh. */
  memoryMegabytes: number;
  times: HostTimes;
}

/** What the host needs of our environment: no address and no password of a database is among it. */
const passedOn = [
  ...["PATH", "HOME", "TMPDIR", "LANG", "TZ", "LD_LIBRARY_PATH", "NODE_ENV", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"],
  ...["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "FONTCONFIG_PATH", "FONTCONFIG_FILE"],
];
/** Why a host is gone: `reason` for people, `how` for the log. */
export interface HostEnd {
  reason: SessionReason;
  how: string;
}
type Question = Extract<HostOrder, { kind: "call" | "phone" | "pull" }>;
type Unnumbered<Order> = Order extends { id: number } ? Omit<Order, "id"> : never;

/** One host process and all that it starts: a group of its own, watched, and ended as a whole. */
export class HostProcess {
  /** Resolves once the host is gone, by whatever hand, and nothing that it started runs any more. */
  readonly gone: Promise<HostEnd>;
  memoryBytes: number | undefined;
  /** What the host may pull from here. */
  readonly files = new OfferedFiles();
  private readonly child: ChildProcess;
  private readonly tree: ProcessTree;
  private readonly waiting = new Map<number, { resolve(result: unknown): void; reject(err: Error): void }>();
  private readonly timers: NodeJS.Timeout[];
  private lastId = 0;
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
      ...(isSource && { cwd: fileURLToPath(new URL(".", hosting.entry)) }), // from where tsx is found
      execArgv: [
        `--max-old-space-size=${hosting.heapMegabytes}`,
        ...(isSource ? ["--import", "tsx"] : ["--enable-source-maps"]),
      ],
      env: {
        ...Object.fromEntries(passedOn.map((name) => [name, process.env[name]])),
        ...(temporary.path !== undefined && { TMPDIR: temporary.path }),
        [runVariable]: run,
      },
    });
    this.tree = new ProcessTree(this.child.pid ?? 0, run);
    this.child.on("message", (report: HostReport) => this.hear(report));
    this.child.on("error", () => undefined); // what ends it is told by `gone`
    this.gone = this.ended();
    this.timers = [
      setInterval(() => this.countSilence(), aliveEveryMs),
      setInterval(() => void this.measure(), hosting.times.measureEveryMs),
    ];
  }

  get hasEnded(): boolean {
    return this.end !== undefined;
  }
  get pid(): number | undefined {
    return this.child.pid;
  }

  tell(order: HostOrder): void {
    // An error means that the channel is closed: then the process ends, which is told by `gone`.
    if (this.child.connected) this.child.send(order, () => undefined);
  }

  /** Rejects with what the engine rejected with, or when the host ends. */
  ask(question: Unnumbered<Question>): Promise<unknown> {
    if (this.end !== undefined || !this.child.connected)
      return Promise.reject(new SendError("the engine's process has ended", "transient"));
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.tell({ ...question, id } as Question);
    });
  }

  /** Ends everything at once. */
  kill(end: HostEnd): void {
    this.end ??= end;
    if (this.child.exitCode === null && this.child.signalCode === null) this.tree.kill();
  }

  private async ended(): Promise<HostEnd> {
    const byItself = await new Promise<HostEnd>((resolve) => {
      this.child.once("error", (err) => resolve({ reason: "engine_not_started", how: err.message }));
      this.child.once("exit", (code, signal) =>
        resolve({ reason: "engine_crashed", how: signal ?? `exit code ${code}` }),
      );
    });
    this.end ??= byItself;
    const { end } = this;
    for (const timer of this.timers) clearInterval(timer);
    const err = new SendError(`the engine's process has ended: ${end.how}`, "transient");
    for (const { reject } of this.waiting.values()) reject(err);
    this.waiting.clear();
    // Without a pid nothing was started. With one, what the host started may have outlived it.
    if (this.child.pid !== undefined) while (!(await this.tree.end())) this.memoryBytes = undefined;
    await this.temporary.remove();
    return end;
  }

  private hear(report: HostReport): void {
    this.silentTicks = 0;
    this.hasBegun = true;
    switch (report.kind) {
      case "alive":
        return;
      case "said":
        (this.listener[report.what] as (...args: unknown[]) => void)(...report.args);
        return;
      case "pull":
        void this.give(report);
        return;
      case "drop":
        this.files.drop(report.file);
        return;
      case "answer":
        this.waiting.get(report.id)?.resolve(report.result);
        this.waiting.delete(report.id);
        return;
      case "refusal":
        this.waiting.get(report.id)?.reject(errorOf(report.refusal));
        this.waiting.delete(report.id);
    }
  }

  private async give({ pull, file }: { pull: number; file: number }): Promise<void> {
    try {
      this.tell({ kind: "piece", pull, piece: await this.files.pull(file) });
    } catch (err) {
      this.tell({ kind: "piece", pull, piece: null, refusal: refusalOf(err) });
    }
  }

  /** In ticks of our own loop: while we ourselves stood still, nobody else is to blame. */
  private countSilence(): void {
    this.silentTicks += 1;
    const { startMs, silenceMs } = this.hosting.times;
    const limitMs = this.hasBegun ? silenceMs : startMs;
    if (this.silentTicks * aliveEveryMs > limitMs)
      this.kill({ reason: "engine_silent", how: `no answer for ${Math.round(limitMs / 1_000)} s` });
  }

  private async measure(): Promise<void> {
    this.memoryBytes = await this.tree.memoryBytes();
    const { memoryMegabytes } = this.hosting;
    if ((this.memoryBytes ?? 0) > memoryMegabytes * 1_048_576)
      this.kill({ reason: "engine_out_of_memory", how: `its processes took more than ${memoryMegabytes} MB` });
  }
}
