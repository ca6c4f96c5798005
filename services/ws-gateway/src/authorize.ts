import { AccessClaims, keys, type Role, TicketClaims, tokenAudience, tokenIssuer } from "@syszap/contracts";
import { BusUnavailableError, revokedAmong } from "@syszap/event-bus";
import type { Logger, RedisClient } from "@syszap/platform";
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { Refusal } from "./refusal.ts";

/** Who a connection belongs to, as the token says. Nothing in a URL or a frame adds to it. */
export interface Identity {
  companyId: string;
  userId: string;
  loginId: string;
  role: Role;
  /** Epoch milliseconds: the end of the access token. */
  expiresAt: number;
}

/** Twice a ticket's life: afterwards its own end keeps it from being used again. */
const ticketUsedSeconds = 60;
const keySetFaults = new Set(["ERR_JWKS_TIMEOUT", "ERR_JOSE_GENERIC", "ERR_JWKS_INVALID"]);

/** Verifies with public keys only. Says 401 to a bad credential, and 503 when it can't know. */
export class Authorizer {
  private readonly keySet: JWTVerifyGetKey;

  constructor(private readonly options: { keySetUrl: string; redis: RedisClient; gatewayId: string; log: Logger }) {
    this.keySet = createRemoteJWKSet(new URL(options.keySetUrl), { timeoutDuration: 3_000, cooldownDuration: 5_000 });
  }

  /** Uses the ticket up, so that it opens one connection only. */
  async withTicket(ticket: string): Promise<Identity> {
    const claims = TicketClaims.safeParse(await this.verify(ticket, tokenAudience.ticket));
    if (!claims.success) throw new Refusal(401, "The ticket is not valid");
    const { jti, ate } = claims.data;
    if (ate * 1_000 <= Date.now()) throw new Refusal(401, "The ticket's access token has ended");
    const identity = { ...toIdentity(claims.data), expiresAt: ate * 1_000 };
    await this.refuseRevoked(identity);
    const isFirstUse = await this.ask(() =>
      this.options.redis.set(keys.ticket(jti), this.options.gatewayId, "EX", ticketUsedSeconds, "NX"),
    );
    if (isFirstUse === null) throw new Refusal(401, "The ticket was used before");
    return identity;
  }

  async withAccessToken(token: string): Promise<Identity> {
    const claims = AccessClaims.safeParse(await this.verify(token, tokenAudience.access));
    if (!claims.success) throw new Refusal(401, "The access token is not valid");
    const identity = toIdentity(claims.data);
    await this.refuseRevoked(identity);
    return identity;
  }

  /** Rejects what is no operator's token; whether that person still is one is known only where the database is. */
  async asOperator(token: string): Promise<void> {
    await this.verify(token, tokenAudience.operator);
  }

  private async refuseRevoked({ loginId }: Identity): Promise<void> {
    const revoked = await this.ask(() => revokedAmong(this.options.redis, [loginId]));
    if (revoked.has(loginId)) throw new Refusal(401, "The login has ended");
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
      this.options.log.error({ err: error }, "the token key set can't be read");
      throw new Refusal(503, "Tokens can't be verified now", 2, { cause: error });
    }
  }

  private async ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    try {
      return await question();
    } catch (error) {
      if (!(error instanceof BusUnavailableError))
        this.options.log.warn({ err: error }, "redis did not answer an authorisation");
      throw new Refusal(503, "The realtime service is not available now", 2, { cause: error });
    }
  }
}

const toIdentity = (claims: AccessClaims): Identity => ({
  companyId: claims.cid,
  userId: claims.sub,
  loginId: claims.lid,
  role: claims.role,
  expiresAt: claims.exp * 1_000,
});
