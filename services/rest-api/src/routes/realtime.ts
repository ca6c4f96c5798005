import { seesWholeCompany } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { type Publisher, readGatewayStats, revokedAmong, toRightsClaim } from "@syszap/event-bus";
import type { RedisClient } from "@syszap/platform";
import { loginEndedDetail, unauthenticated } from "../auth/guard.ts";
import type { Tokens } from "../auth/tokens.ts";
import type { HandlersOf } from "../endpoint.ts";

interface RealtimeDependencies {
  database: Database;
  redis: RedisClient;
  publisher: Publisher;
  tokens: Tokens;
}

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);

export const realtimeRoutes = ({
  database,
  redis,
  publisher,
  tokens,
}: RealtimeDependencies): HandlersOf<"createRealtimeTicket" | "getRealtimeStats"> => ({
  createRealtimeTicket: async ({ caller }) => {
    // Read first: all data that the page reads afterwards is at least as new as this cursor.
    const { cursor, rights } = await publisher.headPosition(caller.companyId);
    const revoked = await revokedAmong(redis, [caller.loginId]);
    if (revoked.has(caller.loginId)) throw unauthenticated(loginEndedDetail);
    const person = await database.withPerson(caller, async ({ person }) => person);
    if (!person?.role) throw unauthenticated(loginEndedDetail);
    const isForApiKey = caller.apiKeyId !== undefined;
    // An API key has the lowest role, but sees what its creator sees.
    const claims = isForApiKey ? caller.claims : { ...caller.claims, role: person.role };
    const { ticket, expiresAt } = await tokens.issueTicket(claims, {
      teams: [...person.teamIds],
      rights: toRightsClaim(rights),
      ...(isForApiKey && { key: true, all: seesWholeCompany(person.role) }),
    });
    return { ticket, expiresAt: expiresAt.toISOString(), cursor };
  },

  getRealtimeStats: async ({ caller, query }) => {
    const companyId = "companyId" in caller ? caller.companyId : undefined;
    const { totalConnections, connections } = await readGatewayStats(redis, companyId);
    const { before, limit } = query;
    const remaining = connections.toSorted(byId).filter(({ id }) => before === undefined || id > before);
    const items = remaining.slice(0, limit);
    return { totalConnections, connections: items, next: remaining.length > limit ? (items.at(-1)?.id ?? null) : null };
  },
});
