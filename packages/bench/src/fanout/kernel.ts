import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { ClientPool } from "../client-pool/client-pool.ts";
import type { BenchmarkContext } from "../harness/benchmark.ts";
import type { Saturation } from "../load/saturate.ts";

const forMs = 5_000;

/** Measures what the kernel alone costs: gathered writes of the same bytes to as many sockets, read by the same kind of clients. */
export class KernelWriter {
  private constructor(private readonly child: ChildProcess) {}

  /** Starts the process and connects its clients. */
  static async open(clients: number, onEnd: BenchmarkContext["onEnd"]): Promise<KernelWriter> {
    const child = fork(fileURLToPath(new URL("kernel-writer.mjs", import.meta.url)), { execArgv: [] });
    const ended = once(child, "exit");
    onEnd(async () => {
      if (child.connected) child.disconnect();
      await ended;
    });
    const [{ port }] = (await once(child, "message")) as [{ port: number }];
    const pool = new ClientPool();
    onEnd(() => pool.close());
    const endpoints = Array.from({ length: clients }, () => ({ port, path: "/", headers: {}, group: 0 }));
    await pool.connect(endpoints, { wireProtocol: "plain", greetings: 0 });
    return new KernelWriter(child);
  }

  /** CPU per delivery in microseconds, with as many events per write and as many bytes per event as in `measured`. */
  async cpuPerDelivery({ eventsPerWrite, bytesPerEvent }: Saturation): Promise<number> {
    const framesPerWrite = Math.max(1, Math.round(eventsPerWrite));
    this.child.send({ frameBytes: Math.round(bytesPerEvent), framesPerWrite, forMs });
    const [{ deliveries, cpuMicroseconds }] = (await once(this.child, "message")) as [
      { deliveries: number; cpuMicroseconds: number },
    ];
    return cpuMicroseconds / deliveries;
  }
}
