import { Redis } from "ioredis";
import type { Contender } from "./contender.ts";
import { startPeerProcess } from "./peer-process.ts";

/** `ws` and PUBLISH alone: the least code that works, without order, without loss noticed, without any check. */
export async function startPlainWs(redisUrl: string): Promise<Contender> {
  const server = await startPeerProcess("plain-ws-server", redisUrl);
  const redis = new Redis(redisUrl, { enableAutoPipelining: true });
  return {
    pid: server.pid,
    dialect: "plain",
    greetings: 1,
    doorFor: async ({ companyId, group }) => ({
      port: server.port,
      path: `/?companyId=${companyId}`,
      headers: {},
      group,
    }),
    publish: (companyId, event) => redis.publish(`plain:${companyId}`, JSON.stringify(event)),
    close: async () => {
      redis.disconnect();
      await server.close();
    },
  };
}
