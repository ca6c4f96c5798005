import { Redis } from "ioredis";
import type { MeasuredGateway } from "./measured-gateway.ts";
import { startPeerProcess } from "./peer-process.ts";

/** Minimal gateway with `ws` and PUBLISH: no order guarantee, no loss detection, no access checks. */
export async function startPlainWs(redisUrl: string): Promise<MeasuredGateway> {
  const server = await startPeerProcess("plain-ws-server", redisUrl);
  const redis = new Redis(redisUrl, { enableAutoPipelining: true });
  return {
    pid: server.pid,
    wireProtocol: "plain",
    greetings: 1,
    endpointFor: async ({ companyId, group }) => ({
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
