import type { Endpoint } from "../client-pool/commands.ts";
import type { ClientPosition, StormCommand, StormReport, Verdict } from "./commands.ts";
import { ReturningClient } from "./returning-client.ts";

const joiningAtOnce = 50;
const settleMs = 10_000;
const pollIntervalMs = 20;

const verdict: Verdict = { received: 0, missing: 0, duplicates: 0, foreign: 0, resyncs: 0, notRecovered: 0 };
const clients: { position: ClientPosition; client: ReturningClient }[] = [];
const requests = new Map<number, (endpoint: Endpoint) => void>();
let [lastRequestId, attempts, behind, cutAt] = [0, 0, 0, 0];

const report = (report: StormReport) => process.send?.(report);
const options = {
  verdict,
  requestEndpoint: (position: ClientPosition, since: string | undefined) =>
    new Promise<Endpoint>((resolve) => {
      lastRequestId += 1;
      requests.set(lastRequestId, resolve);
      report({ kind: "request", requestId: lastRequestId, position, since });
    }),
  attempted: () => {
    attempts += 1;
  },
  caughtUp: () => {
    behind -= 1;
    if (behind === 0) report({ kind: "caughtUp", afterMs: performance.now() - cutAt, attempts });
  },
};

async function joinAll(companies: number, members: number): Promise<void> {
  for (let company = 0; company < companies; company++)
    for (let member = 0; member < members; member++) {
      const position = { company, member };
      clients.push({ position, client: new ReturningClient(position, options) });
    }
  const waiting = [...clients];
  const worker = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) await next.client.join();
  };
  await Promise.all(Array.from({ length: joiningAtOnce }, worker));
  report({ kind: "joined" });
}

function cutAll(): void {
  [attempts, behind, cutAt] = [0, clients.length, performance.now()];
  for (const { client } of clients) client.cut();
}

/** Waits until no event is outstanding or the deadline passes. Events that are still outstanding count as missing. */
async function check(published: number[]): Promise<void> {
  const shortage = () =>
    clients.reduce((sum, { position, client }) => sum + (published[position.company] ?? 0) - client.received, 0);
  const endsAt = performance.now() + settleMs;
  while (shortage() > 0 && performance.now() < endsAt)
    await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
  report({ kind: "verdict", verdict: { ...verdict, missing: verdict.missing + shortage() } });
}

async function execute(command: StormCommand): Promise<void> {
  if (command.kind === "join") await joinAll(command.companies, command.members);
  else if (command.kind === "cut") cutAll();
  else if (command.kind === "check") await check(command.published);
  else {
    requests.get(command.requestId)?.(command.endpoint);
    requests.delete(command.requestId);
  }
}

process.on("message", (command: StormCommand) => {
  void execute(command).catch((err: unknown) => report({ kind: "failed", reason: String(err) }));
});
process.on("disconnect", () => process.exit(0));
