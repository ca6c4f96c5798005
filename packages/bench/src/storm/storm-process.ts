import type { Door } from "../crowd/orders.ts";
import type { Place, StormOrder, StormWord, Verdict } from "./orders.ts";
import { ReturningClient } from "./returning-client.ts";

const joiningAtOnce = 50;
const settleMs = 10_000;
const lookEveryMs = 20;

const verdict: Verdict = { received: 0, missing: 0, doubled: 0, foreign: 0, holes: 0 };
const clients: { place: Place; client: ReturningClient }[] = [];
const asks = new Map<number, (door: Door) => void>();
let [lastAsk, attempts, behind, cutAt] = [0, 0, 0, 0];

const say = (word: StormWord) => process.send?.(word);
const around = {
  verdict,
  askDoor: (place: Place, since: string | undefined) =>
    new Promise<Door>((resolve) => {
      lastAsk += 1;
      asks.set(lastAsk, resolve);
      say({ kind: "ask", ask: lastAsk, place, since });
    }),
  attempted: () => {
    attempts += 1;
  },
  caughtUp: () => {
    behind -= 1;
    if (behind === 0) say({ kind: "caughtUp", afterMs: performance.now() - cutAt, attempts });
  },
};

async function joinAll(companies: number, members: number): Promise<void> {
  for (let company = 0; company < companies; company++)
    for (let member = 0; member < members; member++) {
      const place = { company, member };
      clients.push({ place, client: new ReturningClient(place, around) });
    }
  const waiting = [...clients];
  const worker = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) await next.client.join();
  };
  await Promise.all(Array.from({ length: joiningAtOnce }, worker));
  say({ kind: "joined" });
}

function cutAll(): void {
  [attempts, behind, cutAt] = [0, clients.length, performance.now()];
  for (const { client } of clients) client.cut();
}

/** Waits a while for whoever is short; what is short then is missing. */
async function judge(told: number[]): Promise<void> {
  const shortage = () => clients.reduce((sum, { place, client }) => sum + (told[place.company] ?? 0) - client.told, 0);
  const endsAt = performance.now() + settleMs;
  while (shortage() > 0 && performance.now() < endsAt) await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  say({ kind: "verdict", verdict: { ...verdict, missing: verdict.missing + shortage() } });
}

async function obey(order: StormOrder): Promise<void> {
  if (order.kind === "join") await joinAll(order.companies, order.members);
  else if (order.kind === "cut") cutAll();
  else if (order.kind === "judge") await judge(order.told);
  else {
    asks.get(order.ask)?.(order.door);
    asks.delete(order.ask);
  }
}

process.on("message", (order: StormOrder) => {
  void obey(order).catch((err: unknown) => say({ kind: "failed", reason: String(err) }));
});
process.on("disconnect", () => process.exit(0));
