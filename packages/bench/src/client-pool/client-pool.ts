import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Answer, Command, Endpoint, Progress, WireProtocol } from "./commands.ts";

/** Many WebSocket clients in a process of their own, which only counts: so that no gateway waits for its readers. */
export class ClientPool {
  /** Events that all clients together had received when the process said so last. */
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
      for (const { reject } of this.waiting.splice(0)) reject(new Error("the crowd's process ended"));
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** All are let in when it resolves; one that is turned away rejects. */
  async connect(endpoints: Endpoint[], options: { wireProtocol: WireProtocol; greetings: number }): Promise<void> {
    await this.ask({ kind: "connect", endpoints, ...options }, "connected");
  }

  async count(): Promise<{ events: number; open: number }> {
    return this.ask({ kind: "count" }, "counted");
  }

  /** From now on with or without noting how long each event took. What was noted before is forgotten. */
  async listen(isTimed: boolean): Promise<void> {
    await this.latencies();
    await this.ask({ kind: "listen", isTimed }, "listening");
  }

  /** Microseconds from publish to client, by group, since it was asked last. */
  async latencies(): Promise<number[][]> {
    return (await this.ask({ kind: "latencies" }, "latencies")).microseconds;
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.disconnect();
    await ended;
  }

  private async ask<Kind extends Answer["kind"]>(
    command: Command,
    kind: Kind,
  ): Promise<Extract<Answer, { kind: Kind }>> {
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.child.send(command);
    });
    if (answer.kind === kind) return answer as Extract<Answer, { kind: Kind }>;
    throw new Error(answer.kind === "failed" ? answer.reason : `the crowd answered ${answer.kind} to ${command.kind}`);
  }
}
