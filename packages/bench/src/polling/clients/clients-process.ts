import { pause } from "@syszap/platform/async";
import type { ClientIdentity, ClientsAnswer, ClientsCommand, Mode } from "./commands.ts";
import { Delays } from "./delays.ts";
import { Page } from "./page.ts";
import { PollingClient } from "./polling-client.ts";
import { type Gaps, SocketClient } from "./socket-client.ts";
import { RestClient, Traffic } from "./traffic.ts";

const [delays, traffic] = [new Delays(), new Traffic()];
const gaps: Gaps = { resyncs: 0, notRecovered: 0 };

/** Opens the clients one after the other, so that their polls are spread evenly. */
async function openAll(mode: Mode, clients: ClientIdentity[], overMs: number): Promise<void> {
  await Promise.all(
    clients.map(async (identity, at) => {
      await pause((overMs / clients.length) * at);
      const rest = new RestClient(identity, traffic);
      const page = new Page(rest, delays, identity);
      if (mode === "poll") await new PollingClient(page).open();
      else await new SocketClient({ identity, page, rest, traffic, gaps }).open();
    }),
  );
}

async function execute(command: ClientsCommand): Promise<ClientsAnswer> {
  if (command.kind === "count") return { kind: "counted", received: delays.all.length };
  if (command.kind === "report") {
    const { requests, bytes, failures } = traffic;
    return { kind: "report", delaysMs: delays.all, requests, bytes, failures, ...gaps };
  }
  await openAll(command.mode, command.clients, command.overMs);
  return { kind: "opened" };
}

process.on("message", (command: ClientsCommand) => {
  void execute(command)
    .catch((err: unknown): ClientsAnswer => ({ kind: "failed", reason: String(err) }))
    .then((answer) => process.send?.(answer));
});
process.on("disconnect", () => process.exit(0));
