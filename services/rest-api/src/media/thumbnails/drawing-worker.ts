import { type ChildProcess, fork } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { resultWithin } from "@syszap/platform/async";
import type { DrawReport, DrawRequest } from "./drawing-process.ts";

export interface DrawingTimes {
  /** Deadline for the start of a process. */
  startMs: number;
  /** CPU time for one image. It does not depend on other work of the machine. */
  drawCpuMs: number;
  /** Guards against a process that hangs, and must be long enough for `drawCpuMs` on a busy machine. */
  drawMs: number;
  /** A process that has drawn nothing for this long is ended. */
  idleMs: number;
}
export const drawingTimes: DrawingTimes = { startMs: 30_000, drawCpuMs: 15_000, drawMs: 90_000, idleMs: 60_000 };

/** No thumbnail can be made of this image. Trying again would fail in the same way. */
export class UndrawableError extends Error {
  override readonly name = "UndrawableError";
}

/** The image was not judged: the process did not start, hung, or was stopped. Trying again may succeed. */
export class NotDrawnError extends Error {
  override readonly name = "NotDrawnError";
}

/** Draws images in a child process, one at a time. The process is started on demand and killed when an image takes too long. */
export class DrawingWorker {
  private child: ChildProcess | undefined;
  private idleTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly entry: URL,
    private readonly times: DrawingTimes,
  ) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Rejects with `UndrawableError` or `NotDrawnError`. */
  async draw(image: Uint8Array): Promise<Uint8Array> {
    clearTimeout(this.idleTimer);
    try {
      const child = this.child?.connected ? this.child : await this.start();
      return await this.drawWith(child, image);
    } finally {
      this.idleTimer = setTimeout(() => this.end(), this.times.idleMs).unref();
    }
  }

  /** Kills the process. A drawing in progress is rejected. */
  end(): void {
    clearTimeout(this.idleTimer);
    this.child?.kill("SIGKILL");
    this.child = undefined;
  }

  private async drawWith(child: ChildProcess, image: Uint8Array): Promise<Uint8Array> {
    const answer = nextReport(child);
    child.send({ image, maxCpuMs: this.times.drawCpuMs } satisfies DrawRequest, ignore); // the process has ended if this fails
    const report = await resultWithin(answer, this.times.drawMs);
    if (report?.kind === "drawn") return report.image;
    if (report?.kind === "undrawable") throw new UndrawableError(report.reason);
    if (this.child !== child) throw new NotDrawnError("the drawing was stopped");
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    this.end();
    if (hasEnded)
      throw new UndrawableError(
        `the image needs more memory than allowed, or more than ${this.times.drawCpuMs} ms of CPU time`,
      );
    throw new NotDrawnError(`the image was not drawn within ${this.times.drawMs} ms`);
  }

  private async start(): Promise<ChildProcess> {
    const path = fileURLToPath(this.entry);
    const isSource = path.endsWith(".ts");
    const child = fork(path, [], {
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      ...(isSource && { cwd: dirname(path) }), // tsx is resolved from here
      execArgv: isSource ? ["--import", "tsx"] : ["--enable-source-maps"],
      // The process decodes untrusted files. It gets none of our secrets.
      env: { PATH: process.env.PATH },
    });
    child.on("error", ignore); // `nextReport` resolves to undefined
    child.unref();
    child.channel?.unref();
    this.child = child;
    const report = await resultWithin(nextReport(child), this.times.startMs);
    if (report?.kind === "ready") return child;
    this.end();
    throw new NotDrawnError("the process that draws thumbnails did not start");
  }
}

/** Resolves to undefined when the process has ended. */
function nextReport(child: ChildProcess): Promise<DrawReport | undefined> {
  return new Promise((resolve) => {
    const settle = (report?: DrawReport) => {
      child.off("message", settle).off("exit", settleEmpty).off("error", settleEmpty);
      resolve(report);
    };
    const settleEmpty = () => settle();
    child.on("message", settle).on("exit", settleEmpty).on("error", settleEmpty);
  });
}

const ignore = () => undefined;
