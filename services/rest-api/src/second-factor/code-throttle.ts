import type { RedisClient } from "@syszap/platform";
import { openRateStore, type SharedRateStore } from "../auth/shared-rate-store.ts";
import { tooManyRequests } from "../auth/too-many-requests.ts";
import type { Limits } from "../limit-environment.ts";
import { ProblemError } from "../problem.ts";

export interface CodeAttempt {
  /** The id of the user or operator. */
  id: string;
  /** The network address, as of `addressOf`. */
  address: string;
}
interface Counter {
  store: SharedRateStore;
  key: string;
  max: number;
}

/** How long an account is known at a network address after a correct code. */
const knownMs = 30 * 24 * 60 * 60 * 1_000;

/**
 * Limits guessing of codes. Codes are checked only after the password, so that strangers cannot use up the limits of an account.
 * Somebody who knows the password can, but not those of network addresses at which the account used a correct code before.
 */
export class CodeThrottle {
  private readonly pairs: SharedRateStore;
  private readonly accounts: SharedRateStore;
  private readonly addresses: SharedRateStore;
  private readonly known: SharedRateStore;
  private readonly limits: Limits;

  constructor({ kind, redis, limits }: { kind: "user" | "operator"; redis: RedisClient; limits: Limits }) {
    const open = (name: string, lifetimeMs: number) => openRateStore(redis, `${kind}-code-${name}`, lifetimeMs);
    const windowMs = limits.LIMIT_CODE_WINDOW_SECONDS * 1_000;
    this.pairs = open("pair", windowMs);
    this.accounts = open("account", windowMs);
    this.addresses = open("address", windowMs);
    this.known = open("known", knownMs);
    this.limits = limits;
  }

  /** Runs `verify`, which rejects with the problem `wrong_code`. Rejects with `too_many` without running it when blocked. */
  async attempt<Result>(attempt: CodeAttempt, verify: () => Promise<Result>): Promise<Result> {
    const counters = await this.countersOf(attempt);
    // Counted before the check, so that concurrent guesses cannot exceed a limit. Taken back unless the code is wrong.
    const counts = await Promise.all(counters.map(({ store, key }) => store.increment(key)));
    let isWrong = false;
    try {
      const exceeded = counts.find(({ totalHits }, index) => totalHits > (counters[index]?.max ?? 0));
      if (exceeded) throw tooManyRequests(exceeded.resetTime);
      const result = await verify();
      await this.known.increment(pairOf(attempt));
      return result;
    } catch (error) {
      isWrong = error instanceof ProblemError && error.problem === "wrong_code";
      throw error;
    } finally {
      if (!isWrong) await Promise.all(counters.map(({ store, key }) => store.decrement(key)));
    }
  }

  private async countersOf(attempt: CodeAttempt): Promise<Counter[]> {
    const pair = pairOf(attempt);
    const ofPair = { store: this.pairs, key: pair, max: this.limits.LIMIT_CODE_FAILURES };
    if (await this.known.get(pair)) return [ofPair];
    return [
      ofPair,
      { store: this.accounts, key: attempt.id, max: this.limits.LIMIT_CODE_ACCOUNT_FAILURES },
      { store: this.addresses, key: attempt.address, max: this.limits.LIMIT_CODE_ADDRESS_FAILURES },
    ];
  }
}

const pairOf = ({ id, address }: CodeAttempt) => `${id} ${address}`;
