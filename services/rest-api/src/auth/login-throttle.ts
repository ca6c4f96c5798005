import type { RedisClient } from "@syszap/platform";
import { pause } from "@syszap/platform/async";
import type { Limits } from "../limit-environment.ts";
import { ProblemError } from "../problem.ts";
import { openRateStore, type SharedRateStore } from "./shared-rate-store.ts";
import { tooManyRequests } from "./too-many-requests.ts";

export interface LoginAttempt {
  email: string;
  /** The network address, as of `addressOf`. */
  address: string;
}
interface ThrottleOptions {
  /** Users and operators are counted separately. */
  kind: "user" | "operator";
  redis: RedisClient;
  limits: Limits;
  pause?: (ms: number) => Promise<void>;
}

const firstDelayMs = 250;
/** How long an e-mail address is known at a network address after it signed in there. */
const knownMs = 30 * 24 * 60 * 60 * 1_000;

/**
 * Limits guessing of passwords by counting wrong credentials, and nothing else. Only the pair of e-mail address and network
 * address is ever blocked, so that strangers cannot lock a user out. Decision 041.
 */
export class LoginThrottle {
  private readonly pairs: SharedRateStore;
  private readonly addresses: SharedRateStore;
  private readonly emails: SharedRateStore;
  private readonly known: SharedRateStore;
  private readonly limits: Limits;
  private readonly pause: (ms: number) => Promise<void>;

  constructor({ kind, redis, limits, pause: wait = pause }: ThrottleOptions) {
    const windowMs = limits.LIMIT_LOGIN_WINDOW_SECONDS * 1_000;
    const open = (name: string, lifetimeMs: number) => openRateStore(redis, `${kind}-login-${name}`, lifetimeMs);
    this.pairs = open("pair", windowMs);
    this.addresses = open("address", windowMs);
    this.emails = open("email", windowMs);
    this.known = open("known", knownMs);
    this.limits = limits;
    this.pause = wait;
  }

  /** Runs `verify`, which rejects with the problem `wrong_credentials`. Rejects with `too_many` without running it when blocked. */
  async attempt<Result>({ email, address }: LoginAttempt, verify: () => Promise<Result>): Promise<Result> {
    const mail = email.toLowerCase();
    const pair = `${mail} ${address}`;
    // Counted before the check, so that concurrent guesses cannot exceed the limit. Taken back unless the password is wrong.
    const { totalHits, resetTime } = await this.pairs.increment(pair);
    try {
      if (totalHits > this.limits.LIMIT_LOGIN_FAILURES) throw tooManyRequests(resetTime);
      if (!(await this.known.get(pair))) await this.slowDown(mail, address);
      const result = await verify();
      await Promise.all([this.pairs.decrement(pair), this.known.increment(pair)]);
      return result;
    } catch (error) {
      if (error instanceof ProblemError && error.problem === "wrong_credentials")
        await Promise.all([this.addresses.increment(address), this.emails.increment(mail)]);
      else await this.pairs.decrement(pair);
      throw error;
    }
  }

  /** Applies the limits that other people can reach. Somebody who signed in from this network address before is exempt. */
  private async slowDown(mail: string, address: string): Promise<void> {
    const [ofAddress, ofEmail] = await Promise.all([this.addresses.get(address), this.emails.get(mail)]);
    if (ofAddress && ofAddress.totalHits >= this.limits.LIMIT_LOGIN_ADDRESS_FAILURES)
      throw tooManyRequests(ofAddress.resetTime);
    const excess = (ofEmail?.totalHits ?? 0) - this.limits.LIMIT_LOGIN_DELAY_AFTER;
    if (excess >= 0) await this.pause(Math.min(firstDelayMs * 2 ** excess, this.limits.LIMIT_LOGIN_MAX_DELAY_MS));
  }
}
