import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Endpoint } from "../client-pool/commands.ts";
import type { ClientPosition, StormCommand, StormReport, Verdict } from "./commands.ts";

type RequestEndpoint = (position: ClientPosition, since: string | undefined) => Promise<Endpoint>;

/** Thousands of reconnecting clients in a separate process. */
export class ReturningClients {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<StormReport["kind"], (report: StormReport) => void>();
  private fail: (error: Error) => void = () => undefined;
  private readonly failure: Promise<never>;

  /** `requestEndpoint` returns an endpoint with an unused ticket. */
  constructor(private readonly requestEndpoint: RequestEndpoint) {
    this.failure = new Promise((_, reject) => {
      this.fail = reject;
    });
    this.failure.catch(() => undefined);
    this.child = fork(fileURLToPath(new URL("returning-clients-process.ts", import.meta.url)), {
      serialization: "advanced",
    });
    this.child.on("message", (report: StormReport) => this.handle(report));
    this.child.once("exit", () => this.fail(new Error("The process of the clients has ended.")));
  }

  /** Resolves when all clients are connected; rejects if one is refused. */
  async join(companies: number, members: number): Promise<void> {
    await this.command({ kind: "join", companies, members }, "joined", 120_000);
  }

  /** Cuts all connections. Resolves when every client has received a marker that was published afterwards. */
  async cut(withinMs: number): Promise<{ afterMs: number; attempts: number }> {
    return this.command({ kind: "cut" }, "caughtUp", withinMs);
  }

  async check(published: number[]): Promise<Verdict> {
    return (await this.command({ kind: "check", published }, "verdict", 30_000)).verdict;
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.disconnect();
    await ended;
  }

  private handle(report: StormReport): void {
    if (report.kind === "request") void this.sendEndpoint(report);
    else if (report.kind === "failed") this.fail(new Error(report.reason));
    else this.waiting.get(report.kind)?.(report);
  }

  private async sendEndpoint({ requestId, position, since }: Extract<StormReport, { kind: "request" }>): Promise<void> {
    const endpoint = await this.requestEndpoint(position, since);
    if (this.child.connected) this.child.send({ kind: "endpoint", requestId, endpoint } satisfies StormCommand);
  }

  private async command<Kind extends StormReport["kind"]>(
    command: StormCommand,
    kind: Kind,
    withinMs: number,
  ): Promise<Extract<StormReport, { kind: Kind }>> {
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<StormReport>((resolve) => this.waiting.set(kind, resolve));
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`The clients did not report "${kind}" within ${withinMs} ms.`)),
        withinMs,
      );
    });
    this.child.send(command);
    try {
      return (await Promise.race([answer, late, this.failure])) as Extract<StormReport, { kind: Kind }>;
    } finally {
      clearTimeout(timer);
    }
  }
}
