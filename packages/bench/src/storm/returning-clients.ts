import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Endpoint } from "../client-pool/commands.ts";
import type { ClientPosition, StormCommand, StormReport, Verdict } from "./commands.ts";

type RequestEndpoint = (position: ClientPosition, since: string | undefined) => Promise<Endpoint>;

/** Thousands of clients that come back by themselves, in a process of their own. */
export class ReturningClients {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<StormReport["kind"], (word: StormReport) => void>();
  private fail: (error: Error) => void = () => undefined;
  private readonly failure: Promise<never>;

  /** `requestEndpoint` gives a client its way in, with a ticket that nobody has used. */
  constructor(private readonly requestEndpoint: RequestEndpoint) {
    this.failure = new Promise((_, reject) => {
      this.fail = reject;
    });
    this.failure.catch(() => undefined);
    this.child = fork(fileURLToPath(new URL("returning-clients-process.ts", import.meta.url)), {
      serialization: "advanced",
    });
    this.child.on("message", (word: StormReport) => this.hear(word));
    this.child.once("exit", () => this.fail(new Error("the process of the clients ended")));
  }

  /** All are connected when it resolves; one that is turned away rejects. */
  async join(companies: number, members: number): Promise<void> {
    await this.tell({ kind: "join", companies, members }, "joined", 120_000);
  }

  /** Cuts every connection; resolves when the last client has a marker that was published since. */
  async cut(withinMs: number): Promise<{ afterMs: number; attempts: number }> {
    return this.tell({ kind: "cut" }, "caughtUp", withinMs);
  }

  async judge(told: number[]): Promise<Verdict> {
    return (await this.tell({ kind: "judge", told }, "verdict", 30_000)).verdict;
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.disconnect();
    await ended;
  }

  private hear(word: StormReport): void {
    if (word.kind === "ask") void this.sendEndpoint(word);
    else if (word.kind === "failed") this.fail(new Error(word.reason));
    else this.waiting.get(word.kind)?.(word);
  }

  private async sendEndpoint({ ask, position, since }: Extract<StormReport, { kind: "ask" }>): Promise<void> {
    const endpoint = await this.requestEndpoint(position, since);
    if (this.child.connected) this.child.send({ kind: "endpoint", ask, endpoint } satisfies StormCommand);
  }

  private async tell<Kind extends StormReport["kind"]>(
    command: StormCommand,
    kind: Kind,
    withinMs: number,
  ): Promise<Extract<StormReport, { kind: Kind }>> {
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<StormReport>((resolve) => this.waiting.set(kind, resolve));
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no "${kind}" of all clients within ${withinMs} ms`)), withinMs);
    });
    this.child.send(command);
    try {
      return (await Promise.race([answer, late, this.failure])) as Extract<StormReport, { kind: Kind }>;
    } finally {
      clearTimeout(timer);
    }
  }
}
