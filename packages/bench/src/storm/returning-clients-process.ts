import type { Endpoint } from "../client-pool/commands.ts";
import type { ClientPosition, StormCommand, StormReport, Verdict } from "./commands.ts";
import { ReturningClient } from "./returning-client.ts";

const joiningAtOnce = 50;
const settleMs = 10_000;
const pollIntervalMs = 20;

const verdict: Verdict = { received: 0, missing: 0, doubled: 0, foreign: 0, holes: 0 };
const clients: { position: ClientPosition; client: ReturningClient }[] = [];
const asks = new Map<number, (endpoint: Endpoint) => void>();
let [lastAsk, attempts, behind, cutAt] = [0, 0, 0, 0];

const log = (word: StormReport) => process.send?.(word);
const options = {
  verdict,
  requestEndpoint: (position: ClientPosition, since: string | undefined) =>
    new Promise<Endpoint>((resolve) => {
      lastAsk += 1;
      asks.set(lastAsk, resolve);
      log({ kind: "ask", ask: lastAsk, position, since });
    }),
  attempted: () => {
    attempts += 1;
  },
  caughtUp: () => {
    behind -= 1;
    if (behind === 0) log({ kind: "caughtUp", afterMs: performance.now() - cutAt, attempts });
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
  log({ kind: "joined" });
}

function cutAll(): void {
  [attempts, behind, cutAt] = [0, clients.length, performance.now()];
  for (const { client } of clients) client.cut();
}

/** Waits a while for whoever is short; what is short then is missing. */
async function judge(told: number[]): Promise<void> {
  const shortage = () =>
    clients.reduce((sum, { position, client }) => sum + (told[position.company] ?? 0) - client.told, 0);
  const endsAt = performance.now() + settleMs;
  while (shortage() > 0 && performance.now() < endsAt)
    await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
  log({ kind: "verdict", verdict: { ...verdict, missing: verdict.missing + shortage() } });
}

async function execute(command: StormCommand): Promise<void> {
  if (command.kind === "join") await joinAll(command.companies, command.members);
  else if (command.kind === "cut") cutAll();
  else if (command.kind === "judge") await judge(command.told);
  else {
    asks.get(command.ask)?.(command.endpoint);
    asks.delete(command.ask);
  }
}

process.on("message", (command: StormCommand) => {
  void execute(command).catch((err: unknown) => log({ kind: "failed", reason: String(err) }));
});
process.on("disconnect", () => process.exit(0));
