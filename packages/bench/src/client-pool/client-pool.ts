import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Answer, Command, Endpoint, Progress, Received, WireProtocol } from "./commands.ts";

/** Many WebSocket clients in a separate process that only counts events, so that no gateway waits for its readers. */
export class ClientPool {
  /** Number of events that all clients had received at the last progress report. */
  progress = 0;
  private readonly child: ChildProcess;
  private readonly waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];

  constructor() {
    this.child = fork(fileURLToPath(new URL("client-pool-process.ts", import.meta.url)), { serialization: "advanced" });
    this.child.on("message", (message: Answer | Progress) => {
      if (message.kind === "progress") this.progress = message.events;
      else this.waiting.shift()?.resolve(message);
    });
    this.child.once("exit", () => {
      for (const { reject } of this.waiting.splice(0)) reject(new Error("The process of the client pool has ended."));
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Resolves when all clients are connected; rejects if one is refused. */
  async connect(endpoints: Endpoint[], options: { wireProtocol: WireProtocol; greetings: number }): Promise<void> {
    await this.send({ kind: "connect", endpoints, ...options }, "connected");
  }

  async count(): Promise<Received & { open: number }> {
    return this.send({ kind: "count" }, "counted");
  }

  /** Enables or disables the recording of latencies and clears earlier ones. */
  async listen(isTimed: boolean): Promise<void> {
    await this.latencies();
    await this.send({ kind: "listen", isTimed }, "listening");
  }

  /** Latencies from publisher to client in microseconds, by group, since the last call. */
  async latencies(): Promise<number[][]> {
    return (await this.send({ kind: "latencies" }, "latencies")).microseconds;
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.disconnect();
    await ended;
  }

  private async send<Kind extends Answer["kind"]>(
    command: Command,
    kind: Kind,
  ): Promise<Extract<Answer, { kind: Kind }>> {
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.child.send(command);
    });
    if (answer.kind === kind) return answer as Extract<Answer, { kind: Kind }>;
    throw new Error(
      answer.kind === "failed" ? answer.reason : `The client pool answered ${answer.kind} to ${command.kind}.`,
    );
  }
}
