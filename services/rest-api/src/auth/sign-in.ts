import { accessTokenLifeMs, type LoginAnswer, type Me, type SecondFactorChallenge } from "@syszap/contracts";
import type { Account, Device, IssuedToken, Login, SystemRepositories } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { ProblemError } from "../problem.ts";
import type { Challenges } from "./challenges.ts";
import { personOf } from "./device.ts";
import { companySuspended, loginEndedDetail, unauthenticated } from "./guard.ts";
import type { Passwords } from "./passwords.ts";
import type { Revoker } from "./revoker.ts";
import type { Tokens } from "./tokens.ts";

interface SignInDependencies {
  accounts: SystemRepositories["logins"];
  refreshTokens: SystemRepositories["refreshTokens"];
  openLogins: SystemRepositories["openLogins"];
  passwords: Passwords;
  tokens: Tokens;
  challenges: Challenges;
  revoker: Revoker;
  log: Logger;
}
/** Response body, and the refresh token for the cookie. */
export interface SignedIn {
  answer: LoginAnswer;
  refreshToken: IssuedToken;
}

/** The password is correct, and the second factor is missing. */
export interface Challenged {
  answer: SecondFactorChallenge;
  refreshToken?: undefined;
}

/** Manages logins. A login starts with a password, and a second factor if the user has one, and continues through refresh tokens until it is revoked. */
export class SignIn {
  constructor(private readonly dependencies: SignInDependencies) {}

  /** Response and duration do not reveal whether the address is unknown, the password wrong or the user disabled. */
  async login(email: string, password: string, device: Device): Promise<SignedIn | Challenged> {
    const { accounts, passwords } = this.dependencies;
    const account = await accounts.findByEmail(email);
    const isMatch = await passwords.matches(password, account?.passwordHash ?? undefined);
    if (!account || !isMatch || account.isDisabled) throw wrongCredentials();
    return this.afterPassword(account, device);
  }

  /** Continues a sign-in whose password is correct, or was just chosen with an invitation. */
  async afterPassword(account: Account, device: Device): Promise<SignedIn | Challenged> {
    if (account.isCompanySuspended) throw companySuspended();
    const challenge = await this.dependencies.challenges.issueIfNeeded({ ...account, id: account.userId });
    return challenge ? { answer: challenge } : this.complete(account, device);
  }

  /** Starts a login. The password and the second factor must have been checked. */
  async complete(account: Account, device: Device): Promise<SignedIn> {
    const actor = personOf(account, device);
    const token = await this.dependencies.refreshTokens.issueWithPassword(account, { device, actor });
    if (!token) throw wrongCredentials();
    return this.issueTokens(account, token);
  }

  /** Rotates the token. A token that was used before may have been stolen, so its whole login is revoked. */
  async refresh(token: string | undefined, device: Device): Promise<SignedIn> {
    const { accounts, refreshTokens, log } = this.dependencies;
    if (!token) throw loginEnded();
    const outcome = await refreshTokens.rotate(token, device);
    if (outcome.kind === "refused") throw loginEnded();
    if (outcome.kind === "reused") {
      log.warn({ loginId: outcome.loginId, userId: outcome.userId }, "login revoked: a refresh token was used twice");
      await this.dependencies.revoker.send(outcome.companyId);
      throw loginEnded();
    }
    const account = await accounts.findUser(outcome);
    // The login stays, and continues when the company is reopened.
    if (account?.isCompanySuspended) throw companySuspended();
    if (!account || account.isDisabled || (account.requiresSecondFactor && !account.hasSecondFactor)) {
      await this.end(outcome);
      throw loginEnded();
    }
    return this.issueTokens(account, outcome);
  }

  /** Resolves also when the login has already ended. */
  async logout(token: string | undefined, device: Device): Promise<void> {
    const { refreshTokens, openLogins, revoker } = this.dependencies;
    const login = token ? await refreshTokens.find(token) : undefined;
    if (!login) return;
    await openLogins.endOne(login, { ...personOf(login, device), loginId: login.loginId });
    await revoker.send(login.companyId);
  }

  private async end(login: Login): Promise<void> {
    await this.dependencies.refreshTokens.revokeLogin(login);
    await this.dependencies.revoker.send(login.companyId);
  }

  private async issueTokens(account: Account, refreshToken: IssuedToken): Promise<SignedIn> {
    const accessToken = await this.dependencies.tokens.issueAccess({ ...account, loginId: refreshToken.loginId });
    const answer = { accessToken, expiresInSeconds: accessTokenLifeMs / 1_000, me: toMe(account) };
    return { answer, refreshToken };
  }
}

export const toMe = ({ userId, companyId, companyName, name, email, role, language, pictureId }: Account): Me => ({
  userId,
  companyId,
  companyName,
  name,
  email,
  role,
  language,
  pictureId,
});
const wrongCredentials = () =>
  new ProblemError(
    "wrong_credentials",
    "Check the e-mail address and password and try again, or ask an admin of your company.",
  );
const loginEnded = () => unauthenticated(loginEndedDetail);
