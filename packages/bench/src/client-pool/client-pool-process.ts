import type { Answer, Command, Endpoint, Progress, WireProtocol } from "./commands.ts";
import { connectClient, type PoolClient } from "./pool-client.ts";
import { ReceivedEvents } from "./received-events.ts";

/** At once in the middle of being let in: a gateway answers a storm, but a storm is not what is measured here. */
const connectingAtOnce = 50;
const progressEveryMs = 5;

const received = new ReceivedEvents();
const clients: PoolClient[] = [];

const log = (message: Answer | Progress) => process.send?.(message);

async function execute(command: Command): Promise<Answer> {
  if (command.kind === "connect") return connectAll(command.endpoints, command.wireProtocol, command.greetings);
  if (command.kind === "count") return { kind: "counted", events: received.events, open: openClients() };
  if (command.kind === "latencies") return { kind: "latencies", microseconds: received.takeLatencies() };
  received.isTimed = command.isTimed;
  return { kind: "listening" };
}

const openClients = () => clients.filter((client) => client.isOpen).length;

async function connectAll(endpoints: Endpoint[], wireProtocol: WireProtocol, greetings: number): Promise<Answer> {
  const waiting = endpoints.toReversed();
  const worker = async () => {
    for (let endpoint = waiting.pop(); endpoint; endpoint = waiting.pop())
      clients.push(await connectClient(endpoint, { wireProtocol, greetings, received }));
  };
  await Promise.all(Array.from({ length: connectingAtOnce }, worker));
  return { kind: "connected" };
}

let told = 0;
setInterval(() => {
  if (received.events === told) return;
  told = received.events;
  log({ kind: "progress", events: told });
}, progressEveryMs);

process.on("message", (command: Command) => {
  void execute(command)
    .catch((err: unknown): Answer => ({ kind: "failed", reason: err instanceof Error ? err.message : String(err) }))
    .then(log);
});
process.on("disconnect", () => process.exit(0));
