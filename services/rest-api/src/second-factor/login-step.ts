import type { ChallengeClaims, RecoveryCodes, SecondFactorChallenge, SecondFactorSetup } from "@syszap/contracts";
import type { Challenges } from "../auth/challenges.ts";
import type { CodeEntry, FactorOwner, SecondFactors } from "./second-factors.ts";

interface LoginStepDependencies<Account> {
  challenges: Challenges;
  factors: SecondFactors;
  /** Undefined for an account that may not sign in any more. */
  find: (claims: ChallengeClaims) => Promise<Account | undefined>;
  ownerOf: (account: Account, address: string) => FactorOwner;
}
interface ChallengedCode extends CodeEntry {
  challenge: string;
}

/** The step of a sign-in after the password, of users or of operators. The challenge replaces the access token. */
export class LoginStep<Account extends { passwordHash: string | null; hasSecondFactor: boolean }> {
  constructor(private readonly dependencies: LoginStepDependencies<Account>) {}

  /** Resolves to the account, for which the caller starts a login. */
  async complete({ challenge, ...entry }: ChallengedCode): Promise<Account> {
    const { factors, ownerOf } = this.dependencies;
    const account = await this.challenged("code_required", challenge);
    await factors.verify(ownerOf(account, entry.address), entry);
    return account;
  }

  async start({ challenge, address }: Omit<ChallengedCode, "code">): Promise<SecondFactorSetup> {
    const { factors, ownerOf } = this.dependencies;
    return factors.start(ownerOf(await this.challenged("setup_required", challenge), address));
  }

  /** Like `complete`, for an account whose second factor this turns on. */
  async activate({ challenge, ...entry }: ChallengedCode): Promise<{ account: Account; codes: RecoveryCodes }> {
    const { factors, ownerOf } = this.dependencies;
    const account = await this.challenged("setup_required", challenge);
    return { account, codes: await factors.activate(ownerOf(account, entry.address), entry) };
  }

  /** Refuses a challenge when the second factor was turned on or off after the password. */
  private challenged(outcome: SecondFactorChallenge["secondFactor"], challenge: string): Promise<Account> {
    const { challenges, find } = this.dependencies;
    return challenges.verify(outcome, challenge, async (claims) => {
      const account = await find(claims);
      return account?.hasSecondFactor === (outcome === "code_required") ? account : undefined;
    });
  }
}
