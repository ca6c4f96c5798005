import { type DrawingTimes, DrawingWorker, drawingTimes } from "./drawing-worker.ts";

/** Each process needs memory for a decoded image, and up to one core. */
export const drawingProcesses = 2;

/** The processes that draw thumbnails. They run only while they are needed. */
export class DrawingPool {
  private readonly workers: DrawingWorker[];
  private readonly free: DrawingWorker[];

  /** `entry` is the file `drawing-process`. */
  constructor(entry: URL, times: Partial<DrawingTimes> = {}) {
    this.workers = Array.from(
      { length: drawingProcesses },
      () => new DrawingWorker(entry, { ...drawingTimes, ...times }),
    );
    this.free = [...this.workers];
  }

  /** Ids of the processes that run now. */
  get pids(): number[] {
    return this.workers.flatMap(({ pid }) => pid ?? []);
  }

  /**
   * Rejects with `UndrawableError` when no thumbnail can be made of the image, and with `NotDrawnError` when trying again may
   * succeed. The caller must not draw more than `drawingProcesses` images at the same time.
   */
  async draw(image: Uint8Array): Promise<Uint8Array> {
    const worker = this.free.pop();
    if (!worker) throw new Error("all drawing processes are in use");
    try {
      return await worker.draw(image);
    } finally {
      this.free.push(worker);
    }
  }

  /** Kills the processes. Drawings in progress are rejected. */
  close(): void {
    for (const worker of this.workers) worker.end();
  }
}
