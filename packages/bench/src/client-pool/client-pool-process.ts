import type { Answer, Command, Endpoint, Progress, WireProtocol } from "./commands.ts";
import { connectClient, type PoolClient } from "./pool-client.ts";
import { ReceivedEvents } from "./received-events.ts";

/** Number of concurrent connection attempts. It is limited because a connection storm is not measured here. */
const connectingAtOnce = 50;
const progressEveryMs = 5;

const received = new ReceivedEvents();
const clients: PoolClient[] = [];

const report = (message: Answer | Progress) => process.send?.(message);

async function execute(command: Command): Promise<Answer> {
  if (command.kind === "connect") return connectAll(command.endpoints, command.wireProtocol, command.greetings);
  if (command.kind === "count") {
    const { events, bytes, resyncs, notRecovered } = received;
    return { kind: "counted", events, bytes, resyncs, notRecovered, open: openClients() };
  }
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

let reportedEvents = 0;
setInterval(() => {
  if (received.events === reportedEvents) return;
  reportedEvents = received.events;
  report({ kind: "progress", events: reportedEvents });
}, progressEveryMs);

process.on("message", (command: Command) => {
  void execute(command)
    .catch((err: unknown): Answer => ({ kind: "failed", reason: err instanceof Error ? err.message : String(err) }))
    .then(report);
});
process.on("disconnect", () => process.exit(0));
