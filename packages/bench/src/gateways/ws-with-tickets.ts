import { tokenAudience, tokenIssuer } from "@syszap/contracts";
import { startTokenIssuer } from "@syszap/testing/servers";
import { Redis } from "ioredis";
import type { MeasuredGateway } from "./measured-gateway.ts";
import { startPeerProcess } from "./peer-process.ts";

/** Plain `ws` with the same ticket check as our gateway. It resumes clients from its own memory. */
export async function startWsWithTickets(redisUrl: string): Promise<MeasuredGateway> {
  const issuer = await startTokenIssuer();
  const server = await startPeerProcess("ws-with-tickets-server", redisUrl, {
    TOKEN_KEY_SET_URL: issuer.keySetUrl,
    TOKEN_ISSUER: tokenIssuer,
    TICKET_AUDIENCE: tokenAudience.ticket,
  });
  const redis = new Redis(redisUrl, { enableAutoPipelining: true });
  return {
    pid: server.pid,
    wireProtocol: "plain",
    greetings: 1,
    endpointFor: async ({ companyId, userId, group }) => {
      const ticket = await issuer.ticketFor({ companyId, userId, role: "agent" });
      return { port: server.port, path: `/?${new URLSearchParams({ ticket })}`, headers: {}, group };
    },
    publish: (companyId, event) => redis.publish(`plain:${companyId}`, JSON.stringify(event)),
    close: async () => {
      redis.disconnect();
      await server.close();
      await issuer.close();
    },
  };
}
