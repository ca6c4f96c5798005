import { AccessClaims, keys, type Member, TicketClaims, tokenAudience, tokenIssuer } from "@syszap/contracts";
import { endpoints } from "@syszap/contracts/constants";
import { BusUnavailableError, parseRightsClaim, type RightsPosition, revokedAmong } from "@syszap/event-bus";
import type { Logger, RedisClient } from "@syszap/platform";
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { z } from "zod";
import { type Permissions, permissionsOf } from "./permissions.ts";
import { Refusal } from "./refusal.ts";

/** Owner of a connection, taken from the token only. URLs and frames never change it. */
export interface Identity extends Member {
  companyId: string;
  loginId: string;
  /** The same role and teams, as an object that all connections with equal permissions share. */
  permissions: Permissions;
  /** Position of the company's log at which role and teams were read. Undefined in tickets of an earlier release. */
  rightsReadAt: RightsPosition | undefined;
  /** Expiry of the access token in epoch milliseconds. */
  expiresAt: number;
}

/** Time for which a used ticket is remembered: twice its lifetime. Afterwards its expiry prevents a second use. */
const ticketUsedSeconds = 60;
const ticketRequestTimeoutMs = 5_000;
const keySetFaults = new Set(["ERR_JWKS_TIMEOUT", "ERR_JOSE_GENERIC", "ERR_JWKS_INVALID"]);

const TicketAnswer = z.object({ ticket: z.string() });

/** Verifies tokens with public keys. Throws a 401 refusal for a bad credential, and 503 when it cannot be verified now. */
export class Authorizer {
  private readonly keySet: JWTVerifyGetKey;
  private readonly ticketUrl: URL;

  constructor(private readonly options: { keySetUrl: string; redis: RedisClient; gatewayId: string; log: Logger }) {
    this.keySet = createRemoteJWKSet(new URL(options.keySetUrl), { timeoutDuration: 3_000, cooldownDuration: 5_000 });
    this.ticketUrl = new URL(endpoints.createRealtimeTicket.path, options.keySetUrl);
  }

  /** Marks the ticket as used: it opens one connection only. */
  async withTicket(ticket: string, { mustBeForApiKey = false } = {}): Promise<Identity> {
    const claims = TicketClaims.safeParse(await this.verify(ticket, tokenAudience.ticket));
    if (!claims.success) throw new Refusal(401, "The ticket is not valid");
    if (mustBeForApiKey && claims.data.key !== true)
      throw new Refusal(403, "A user's ticket requires an allowed Origin header");
    const { jti, ate } = claims.data;
    if (ate * 1_000 <= Date.now()) throw new Refusal(401, "The access token of the ticket has expired");
    const identity = toIdentity(claims.data);
    await this.refuseRevoked(identity);
    const isFirstUse = await this.query(() =>
      this.options.redis.set(keys.ticket(jti), this.options.gatewayId, "EX", ticketUsedSeconds, "NX"),
    );
    if (isFirstUse === null) throw new Refusal(401, "The ticket was already used");
    return identity;
  }

  /** Verifies an access token without opening a connection: only the company and the role in the token are known. */
  async verifyAccessToken(token: string): Promise<Pick<AccessClaims, "cid" | "role">> {
    const claims = AccessClaims.safeParse(await this.verify(token, tokenAudience.access));
    if (!claims.success) throw new Refusal(401, "The access token is not valid");
    await this.refuseRevoked({ loginId: claims.data.lid, companyId: claims.data.cid });
    return claims.data;
  }

  /** An access token names no teams, and its role may have changed since: the REST API exchanges it for a ticket. */
  withAccessToken(token: string): Promise<Identity> {
    return this.exchange(token, { name: "access token", mustBeForApiKey: false });
  }

  /** The REST API, which has the database, exchanges the key for a ticket: it checks scope, expiry, revocation and rate limit. */
  withApiKey(key: string): Promise<Identity> {
    return this.exchange(key, { name: "API key", mustBeForApiKey: true });
  }

  private async exchange(
    token: string,
    { name, mustBeForApiKey }: { name: string; mustBeForApiKey: boolean },
  ): Promise<Identity> {
    const answer = await this.requestTicket(token);
    if (answer.ok) {
      const { ticket } = TicketAnswer.parse(await answer.json());
      return this.withTicket(ticket, { mustBeForApiKey });
    }
    await answer.body?.cancel();
    if (answer.status === 401) throw new Refusal(401, `The ${name} is invalid, has expired or was revoked`);
    if (answer.status === 403) throw new Refusal(403, `The ${name} needs the scope read`);
    if (answer.status === 429)
      throw new Refusal(429, `Too many requests with this ${name}`, Number(answer.headers.get("retry-after") ?? 2));
    throw new Refusal(503, `The ${name} cannot be verified at the moment`, 2);
  }

  private async requestTicket(token: string): Promise<Response> {
    try {
      const headers = { authorization: `Bearer ${token}` };
      return await fetch(this.ticketUrl, {
        method: "POST",
        headers,
        signal: AbortSignal.timeout(ticketRequestTimeoutMs),
      });
    } catch (error) {
      this.options.log.warn({ err: error }, "the REST API did not exchange a token for a ticket");
      throw new Refusal(503, "Tokens cannot be verified at the moment", 2, { cause: error });
    }
  }

  /** Rejects unless the token is an operator's. Whether the person is still an operator is checked by services with a database. */
  async asOperator(token: string): Promise<void> {
    await this.verify(token, tokenAudience.operator);
  }

  private async refuseRevoked({ loginId, companyId }: Pick<Identity, "loginId" | "companyId">): Promise<void> {
    const revoked = await this.query(() => revokedAmong(this.options.redis, [loginId, companyId]));
    if (revoked.has(companyId)) throw new Refusal(403, "The company is suspended");
    if (revoked.has(loginId)) throw new Refusal(401, "This login has been signed out");
  }

  private async verify(token: string, audience: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, this.keySet, {
        algorithms: ["EdDSA"],
        issuer: tokenIssuer,
        audience,
        requiredClaims: ["exp", "sub"],
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JOSEError && !keySetFaults.has(error.code))
        throw new Refusal(401, "The token is not valid", undefined, { cause: error });
      this.options.log.error({ err: error }, "token key set not available");
      throw new Refusal(503, "Tokens cannot be verified at the moment", 2, { cause: error });
    }
  }

  private async query<Answer>(send: () => Promise<Answer>): Promise<Answer> {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof BusUnavailableError))
        this.options.log.warn({ err: error }, "redis query of an authorisation failed");
      throw new Refusal(503, "The realtime service is temporarily unavailable", 2, { cause: error });
    }
  }
}

function toIdentity(claims: TicketClaims): Identity {
  const permissions = permissionsOf(claims);
  return {
    companyId: claims.cid,
    userId: claims.sub,
    loginId: claims.lid,
    ...permissions,
    permissions,
    rightsReadAt: claims.rights === undefined ? undefined : parseRightsClaim(claims.rights),
    expiresAt: claims.ate * 1_000,
  };
}
