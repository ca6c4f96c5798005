import { maxOperators, type OneTimePassword, type OperatorAccount } from "@syszap/contracts";
import { EmailTakenError, type OperatorRepository } from "@syszap/database";
import type { Passwords } from "../auth/passwords.ts";
import { ProblemError } from "../problem.ts";
import { newOneTimePassword, oneTimePasswordLifeMs } from "./one-time-password.ts";

interface OperatorAccountsDependencies {
  operators: OperatorRepository;
  passwords: Passwords;
}

/** Creates, resets, disables and enables operators. Used by the REST API and by the command line. */
export class OperatorAccounts {
  constructor(private readonly dependencies: OperatorAccountsDependencies) {}

  async create(person: { email: string; name: string }): Promise<OneTimePassword> {
    const { oneTimePassword, ...stored } = await this.newPassword();
    const operator = await this.dependencies.operators.create({ ...person, ...stored }, maxOperators).catch((error) => {
      if (!(error instanceof EmailTakenError)) throw error;
      throw new ProblemError(
        "conflict",
        "An operator with this e-mail address exists. Reset the password or enable the operator instead.",
      );
    });
    if (!operator) throw tooManyOperators();
    return { operator, oneTimePassword, expiresAt: stored.expiresAt.toISOString() };
  }

  async reset(id: string): Promise<OneTimePassword> {
    const { oneTimePassword, ...stored } = await this.newPassword();
    await this.require(id);
    if (!(await this.dependencies.operators.reset(id, stored)))
      throw new ProblemError("conflict", "The operator is disabled. Enable the operator first.");
    return { operator: await this.require(id), oneTimePassword, expiresAt: stored.expiresAt.toISOString() };
  }

  /** Ends the operator's logins too. Does nothing for an operator without a second factor. */
  async resetSecondFactor(id: string): Promise<void> {
    await this.require(id);
    await this.dependencies.operators.resetSecondFactor(id);
  }

  async disable(id: string): Promise<OperatorAccount> {
    await this.require(id);
    if (!(await this.dependencies.operators.disable(id)))
      throw new ProblemError("conflict", "This is the last active operator. Create another operator first.");
    return this.require(id);
  }

  async enable(id: string): Promise<OperatorAccount> {
    const account = await this.require(id);
    if (account.isDisabled && !(await this.dependencies.operators.enable(id, maxOperators))) throw tooManyOperators();
    return this.require(id);
  }

  private async newPassword() {
    const oneTimePassword = newOneTimePassword();
    const passwordHash = await this.dependencies.passwords.hash(oneTimePassword);
    return { oneTimePassword, passwordHash, expiresAt: new Date(Date.now() + oneTimePasswordLifeMs) };
  }

  private async require(id: string): Promise<OperatorAccount> {
    const account = await this.dependencies.operators.findAccount(id);
    if (!account) throw new ProblemError("not_found", "There is no operator with this id. Check the id.");
    return account;
  }
}

const tooManyOperators = () =>
  new ProblemError("conflict", `The platform can have at most ${maxOperators} active operators. Disable one first.`);
