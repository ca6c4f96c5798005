import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ClientIdentity, ClientsAnswer, ClientsCommand, ClientsReport, Mode } from "./commands.ts";

/** Clients in a separate process, so that their costs do not count as costs of the servers. */
export class Clients {
  private readonly child: ChildProcess = fork(fileURLToPath(new URL("clients-process.ts", import.meta.url)), {
    serialization: "advanced",
  });
  private readonly ended = once(this.child, "exit").then(([code]): never => {
    throw new Error(`The process of the clients has ended with code ${code}.`);
  });

  constructor() {
    this.ended.catch(() => undefined);
  }

  /** Resolves when all clients are open. */
  async open(mode: Mode, clients: ClientIdentity[], overMs: number): Promise<void> {
    await this.send({ kind: "open", mode, clients, overMs }, "opened");
  }

  /** Number of messages that all clients have received. */
  async received(): Promise<number> {
    return (await this.send({ kind: "count" }, "counted")).received;
  }

  report(): Promise<ClientsReport> {
    return this.send({ kind: "report" }, "report");
  }

  async close(): Promise<void> {
    this.child.disconnect();
    await this.ended.catch(() => undefined);
  }

  /** Sends one command and awaits its answer. Commands must not overlap. */
  private async send<Kind extends ClientsAnswer["kind"]>(
    command: ClientsCommand,
    kind: Kind,
  ): Promise<Extract<ClientsAnswer, { kind: Kind }>> {
    const answered = once(this.child, "message") as Promise<[ClientsAnswer]>;
    this.child.send(command);
    const [answer] = await Promise.race([answered, this.ended]);
    if (answer.kind === kind) return answer as Extract<ClientsAnswer, { kind: Kind }>;
    throw new Error(
      answer.kind === "failed" ? answer.reason : `The clients answered ${answer.kind} to ${command.kind}.`,
    );
  }
}
