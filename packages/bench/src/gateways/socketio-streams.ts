import type { DurableEvent } from "@syszap/contracts";
import { Redis } from "ioredis";
import type { MeasuredGateway } from "./measured-gateway.ts";
import { startPeerProcess } from "./peer-process.ts";
import { socketIoEndpoint } from "./socketio-endpoint.ts";

/** Defaults of the adapter. */
const [streamName, maxLength] = ["socket.io", 10_000];
/** Of `socket.io-adapter` and `socket.io-parser`. */
const [broadcastMessage, eventPacket] = ["3", 2];

/**
 * Socket.IO with its Redis Streams adapter and connection state recovery, which keep a log, as sysZap does. The adapter has no
 * emitter: events are written to the stream in its format.
 */
export async function startSocketIoStreams(redisUrl: string): Promise<MeasuredGateway> {
  const server = await startPeerProcess("socketio-streams-server", redisUrl);
  const redis = new Redis(redisUrl, { enableAutoPipelining: true });
  return {
    pid: server.pid,
    ...socketIoEndpoint(server.port),
    publish: (companyId, event) => {
      const fields = { uid: "publisher", nsp: "/", type: broadcastMessage, data: dataOf(companyId, event) };
      return redis.xadd(streamName, "MAXLEN", "~", maxLength, "*", ...Object.entries(fields).flat());
    },
    close: async () => {
      redis.disconnect();
      await server.close();
    },
  };
}

const dataOf = (companyId: string, event: DurableEvent): string =>
  JSON.stringify({
    packet: { type: eventPacket, data: [event.type, event], nsp: "/" },
    opts: { rooms: [companyId], except: [], flags: {} },
  });
