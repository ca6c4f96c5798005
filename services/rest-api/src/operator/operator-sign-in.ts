import type { Operator, OperatorLoginAnswer, SecondFactorChallenge } from "@syszap/contracts";
import type { OperatorCredentials, OperatorFactorRule, SystemRepositories } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import type { Challenges } from "../auth/challenges.ts";
import { loginEndedDetail, unauthenticated } from "../auth/guard.ts";
import type { Passwords } from "../auth/passwords.ts";
import type { Tokens } from "../auth/tokens.ts";
import { ProblemError } from "../problem.ts";

interface OperatorSignInDependencies {
  operators: SystemRepositories["operators"];
  logins: SystemRepositories["operatorLogins"];
  passwords: Passwords;
  tokens: Tokens;
  challenges: Challenges;
  rule: OperatorFactorRule;
  log: Logger;
}
interface Credentials {
  email: string;
  password: string;
  newPassword?: string | undefined;
}
/** Response body, and the token for the cookie. */
interface SignedInOperator {
  answer: OperatorLoginAnswer;
  login: { token: string; expiresAt: Date };
}
/** The password is correct, and the second factor is missing. */
interface ChallengedOperator {
  answer: SecondFactorChallenge;
  login?: undefined;
}

/** One working day. Then the operator signs in again. */
const loginLifeMs = 12 * 3_600_000;

/** Manages the logins of operators. Unlike a user's login, it has one token and a fixed end (decision 051). */
export class OperatorSignIn {
  constructor(private readonly dependencies: OperatorSignInDependencies) {}

  /** Response and duration do not reveal whether the address is unknown, the password wrong or the operator disabled. */
  async login(credentials: Credentials): Promise<SignedInOperator | ChallengedOperator> {
    const { challenges, rule } = this.dependencies;
    const account = await this.verify(credentials);
    const challenge = await challenges.issueIfNeeded({
      ...account,
      id: account.operator.id,
      requiresSecondFactor: rule.needsSecondFactor,
    });
    return challenge ? { answer: challenge } : this.complete(account);
  }

  /** Starts a login. The password and the second factor must have been checked. */
  async complete({ operator, passwordHash }: OperatorCredentials): Promise<SignedInOperator> {
    const { logins, log } = this.dependencies;
    const login = await logins.start({ operator, passwordHash }, loginLifeMs);
    if (!login) throw wrongCredentials();
    log.info({ operatorId: operator.id, loginId: login.id }, "operator signed in");
    return { answer: await this.toAnswer(operator, login), login };
  }

  /** Issues another access token for the login of the cookie. */
  async refresh(token: string | undefined): Promise<OperatorLoginAnswer> {
    const { logins, rule } = this.dependencies;
    const login = token === undefined ? undefined : await logins.findByToken(token, rule);
    if (!login) throw unauthenticated(loginEndedDetail);
    return this.toAnswer(login.operator, login);
  }

  /** Resolves also when the login has already ended. */
  async logout(token: string | undefined): Promise<void> {
    if (token !== undefined) await this.dependencies.logins.end(token);
  }

  private async verify({ email, password, newPassword }: Credentials): Promise<OperatorCredentials> {
    const { operators, passwords } = this.dependencies;
    const found = await operators.findByEmail(email);
    const isMatch = await passwords.matches(password, found?.passwordHash);
    if (!found || !isMatch) throw wrongCredentials();
    const { operator, passwordHash, passwordExpiresAt } = found;
    if (passwordExpiresAt === null) return found;
    if (passwordExpiresAt.getTime() <= Date.now())
      throw new ProblemError(
        "wrong_credentials",
        "The one-time password has expired. Ask another operator for a new one.",
      );
    if (newPassword === undefined)
      throw new ProblemError("password_change_required", "Choose your own password, and send it as `newPassword`.");
    if (newPassword === password)
      throw new ProblemError("invalid", "Choose a password that differs from the one-time password.", {
        errors: [{ path: "newPassword", message: "must differ from the one-time password" }],
      });
    const to = await passwords.hash(newPassword);
    if (!(await operators.choosePassword(operator.id, { from: passwordHash, to })))
      throw new ProblemError("wrong_credentials", "The one-time password was already used. Sign in with your own.");
    return { ...found, passwordHash: to };
  }

  private async toAnswer(operator: Operator, login: { id: string; expiresAt: Date }): Promise<OperatorLoginAnswer> {
    const { token, expiresInSeconds } = await this.dependencies.tokens.issueOperator(operator.id, login);
    return { accessToken: token, expiresInSeconds, loginExpiresAt: login.expiresAt.toISOString(), operator };
  }
}

const wrongCredentials = () =>
  new ProblemError(
    "wrong_credentials",
    "Check the e-mail address and password and try again, or ask another operator.",
  );
