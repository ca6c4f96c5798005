import { createHash } from "node:crypto";
import { type ChallengeClaims, type SecondFactorChallenge, tokenAudience } from "@syszap/contracts";
import { ProblemError } from "../problem.ts";
import type { Tokens } from "./tokens.ts";

type Outcome = SecondFactorChallenge["secondFactor"];
type Kind = "user" | "operator";
interface ChallengedAccount {
  /** The id of the user or operator. */
  id: string;
  /** Absent for operators. */
  companyId?: string;
  passwordHash: string | null;
  hasSecondFactor: boolean;
  requiresSecondFactor: boolean;
}

const audiences: Record<Kind, Record<Outcome, string>> = {
  user: { code_required: tokenAudience.secondFactor, setup_required: tokenAudience.secondFactorSetup },
  operator: {
    code_required: tokenAudience.operatorSecondFactor,
    setup_required: tokenAudience.operatorSecondFactorSetup,
  },
};
/** Setting up includes installing an app. */
const lifeMs: Record<Outcome, number> = { code_required: 5 * 60_000, setup_required: 15 * 60_000 };

/** Challenges prove that the password of an account was correct, in the request that completes the sign-in. */
export class Challenges {
  constructor(
    private readonly tokens: Tokens,
    private readonly kind: Kind,
  ) {}

  /** Undefined for an account that signs in with the password alone. */
  async issueIfNeeded({
    hasSecondFactor,
    requiresSecondFactor,
    id,
    companyId,
    passwordHash,
  }: ChallengedAccount): Promise<SecondFactorChallenge | undefined> {
    if (!hasSecondFactor && !requiresSecondFactor) return undefined;
    const secondFactor = hasSecondFactor ? "code_required" : "setup_required";
    if (passwordHash === null) throw new Error("an account without a password cannot sign in");
    const claims = { sub: id, ...(companyId !== undefined && { cid: companyId }), pwd: fingerprintOf(passwordHash) };
    const challenge = await this.tokens.issueChallenge(
      claims,
      audiences[this.kind][secondFactor],
      lifeMs[secondFactor],
    );
    return { secondFactor, challenge, expiresInSeconds: lifeMs[secondFactor] / 1_000 };
  }

  /** Resolves to the account that `find` returns, if its password is still the one that was correct. */
  async verify<Account extends { passwordHash: string | null }>(
    secondFactor: Outcome,
    challenge: string,
    find: (claims: ChallengeClaims) => Promise<Account | undefined>,
  ): Promise<Account> {
    const claims = await this.tokens.verifyChallenge(challenge, audiences[this.kind][secondFactor]).catch(() => {
      throw challengeExpired();
    });
    const account = await find(claims);
    if (!account?.passwordHash || fingerprintOf(account.passwordHash) !== claims.pwd) throw challengeExpired();
    return account;
  }
}

const challengeExpired = () =>
  new ProblemError("challenge_expired", "Sign in again with your e-mail address and password.");

const fingerprintOf = (passwordHash: string) =>
  createHash("sha256").update(passwordHash).digest().subarray(0, 16).toString("base64url");
