import { Emitter } from "@socket.io/redis-emitter";
import { Redis } from "ioredis";
import type { MeasuredGateway } from "./measured-gateway.ts";
import { startPeerProcess } from "./peer-process.ts";
import { socketIoEndpoint } from "./socketio-endpoint.ts";

/** Socket.IO with its Redis adapter, one room per company and its Redis emitter: the usual choice for Node. */
export async function startSocketIo(redisUrl: string): Promise<MeasuredGateway> {
  const server = await startPeerProcess("socketio-server", redisUrl);
  const redis = new Redis(redisUrl, { enableAutoPipelining: true });
  // The emitter does not report when Redis has confirmed an event, so the promise is taken from its Redis client.
  let lastPublish: Promise<unknown> = Promise.resolve();
  const emitter = new Emitter({
    publish: (channel: string, message: Buffer) => {
      lastPublish = redis.publish(channel, message);
    },
  });
  return {
    pid: server.pid,
    ...socketIoEndpoint(server.port),
    publish: (companyId, event) => {
      emitter.to(companyId).emit(event.type, event);
      return lastPublish;
    },
    close: async () => {
      redis.disconnect();
      await server.close();
    },
  };
}
