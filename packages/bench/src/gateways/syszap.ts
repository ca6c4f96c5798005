import { Publisher } from "@syszap/event-bus";
import { startBuiltService, startTokenIssuer } from "@syszap/testing/servers";
import { Redis } from "ioredis";
import type { MeasuredGateway } from "./measured-gateway.ts";
import { teamsOfMember } from "./reach.ts";

const origin = "http://bench.localhost";
/** The gateway is killed early because its clients end with it. */
const killAfterMs = 100;
const silent = { info: () => {}, warn: () => {}, error: () => {} };
const [loopback, addressesPerByte] = ["127.0.0.1", 250];

/** Our gateway with production settings, all checks and limits, and the real publisher. */
export async function startSyszap(redisUrl: string): Promise<MeasuredGateway> {
  const issuer = await startTokenIssuer();
  const service = await startBuiltService({
    service: "ws-gateway",
    env: {
      NODE_ENV: "production",
      // Same options as in docker-compose.yml and `npm start`.
      NODE_OPTIONS: "--max-semi-space-size=4 --v8-pool-size=0",
      LOG_LEVEL: "warn",
      REDIS_URL: redisUrl,
      TOKEN_KEY_SET_URL: issuer.keySetUrl,
      ALLOWED_ORIGINS: origin,
      TRUSTED_PROXIES: loopback,
    },
  });
  const redis = new Redis(redisUrl, { enableAutoPipelining: true });
  const publisher = new Publisher(redis, silent);
  let members = 0;
  return {
    pid: service.process.pid,
    wireProtocol: "plain",
    greetings: 1,
    endpointFor: async ({ companyId, userId, group }) => {
      // Each client has its own address, because the limits per address stay enabled.
      const number = members++;
      const address = `10.0.${Math.floor(number / addressesPerByte)}.${(number % addressesPerByte) + 1}`;
      const teams = teamsOfMember(companyId, number);
      const ticket = await issuer.ticketFor({ companyId, userId, role: "agent", teams });
      const query = new URLSearchParams({ companyId, userId, ticket });
      return {
        port: service.port,
        path: `/ws?${query}`,
        headers: { origin, "x-forwarded-for": address },
        group,
      };
    },
    publish: (companyId, event) => publisher.publishDurable(companyId, [event]),
    close: async () => {
      redis.disconnect();
      await service.stop(killAfterMs);
      await issuer.close();
    },
  };
}
