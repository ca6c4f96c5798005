import { type CrowdClient, connectClient } from "./crowd-client.ts";
import type { Answer, Dialect, Door, Order, Progress } from "./orders.ts";
import { Tally } from "./tally.ts";

/** At once in the middle of being let in: a gateway answers a storm, but a storm is not what is measured here. */
const connectingAtOnce = 50;
const progressEveryMs = 5;

const tally = new Tally();
const clients: CrowdClient[] = [];

const say = (message: Answer | Progress) => process.send?.(message);

async function obey(order: Order): Promise<Answer> {
  if (order.kind === "connect") return connectAll(order.doors, order.dialect, order.greetings);
  if (order.kind === "count") return { kind: "counted", events: tally.events, open: openClients() };
  if (order.kind === "latencies") return { kind: "latencies", microseconds: tally.takeLatencies() };
  tally.isTimed = order.isTimed;
  return { kind: "listening" };
}

const openClients = () => clients.filter((client) => client.isOpen).length;

async function connectAll(doors: Door[], dialect: Dialect, greetings: number): Promise<Answer> {
  const waiting = doors.toReversed();
  const worker = async () => {
    for (let door = waiting.pop(); door; door = waiting.pop())
      clients.push(await connectClient(door, { dialect, greetings, tally }));
  };
  await Promise.all(Array.from({ length: connectingAtOnce }, worker));
  return { kind: "connected" };
}

let told = 0;
setInterval(() => {
  if (tally.events === told) return;
  told = tally.events;
  say({ kind: "progress", events: told });
}, progressEveryMs);

process.on("message", (order: Order) => {
  void obey(order)
    .catch((err: unknown): Answer => ({ kind: "failed", reason: err instanceof Error ? err.message : String(err) }))
    .then(say);
});
process.on("disconnect", () => process.exit(0));
