import type { AccessClaims } from "@syszap/contracts";
import type { LoginRepository, LoginState } from "@syszap/database";
import { BusUnavailableError, revokedAmong } from "@syszap/event-bus";
import type { RedisClient } from "@syszap/platform";
import { resultWithin } from "@syszap/platform/async";
import { LRUCache } from "lru-cache";

/** With the time of the look-up itself, a login that ended stops acting within a second. */
const maxAgeMs = 500;
const maxEntries = 10_000;
/** A Redis that hangs must not delay every request by the timeout of its commands. */
const redisTimeoutMs = 400;

export type CheckedLogin = LoginState & {
  /** False when Redis did not answer; the state then comes from Postgres alone. */
  isRevocationKnown: boolean;
};
type Claims = Pick<AccessClaims, "sub" | "cid" | "lid">;

/**
 * Looks up whether a login may still act and with which role, because an access token stays valid for minutes after its login
 * ended. Answers are cached for at most half a second.
 */
export class LoginStates {
  private readonly cache = new LRUCache<string, CheckedLogin, Claims>({
    max: maxEntries,
    ttl: maxAgeMs,
    // An entry that is evicted during its look-up must not fail the request.
    ignoreFetchAbort: true,
    fetchMethod: (_key, _stale, { context }) => this.read(context),
  });

  constructor(
    private readonly accounts: Pick<LoginRepository, "findState">,
    private readonly redis: RedisClient,
  ) {}

  /** Rejects when Postgres is not available. */
  find(claims: Claims): Promise<CheckedLogin> {
    const { sub, cid, lid } = claims;
    return this.cache.forceFetch(`${cid} ${sub} ${lid}`, { context: { sub, cid, lid } });
  }

  private async read({ sub: userId, cid: companyId, lid: loginId }: Claims): Promise<CheckedLogin> {
    const [state, isRevoked] = await Promise.all([
      this.accounts.findState({ companyId, userId, loginId }),
      this.isRevoked(loginId),
    ]);
    return {
      role: state?.role ?? "agent",
      isActive: state?.isActive === true && isRevoked !== true,
      isRevocationKnown: isRevoked !== undefined,
    };
  }

  /** Undefined when Redis does not answer in time. */
  private async isRevoked(loginId: string): Promise<boolean | undefined> {
    try {
      const revoked = await resultWithin(revokedAmong(this.redis, [loginId]), redisTimeoutMs);
      return revoked?.has(loginId);
    } catch (error) {
      if (error instanceof BusUnavailableError) return undefined;
      throw error;
    }
  }
}
