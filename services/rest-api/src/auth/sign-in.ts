import type { LoginAnswer, Me } from "@syszap/contracts";
import type { Account, IssuedToken, Login, SystemRepositories } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import { ProblemError } from "../problem.ts";
import { companySuspended, loginEndedDetail, unauthenticated } from "./guard.ts";
import type { Passwords } from "./passwords.ts";
import { accessTokenLifeMs, type Tokens } from "./tokens.ts";

interface SignInDependencies {
  accounts: SystemRepositories["logins"];
  refreshTokens: SystemRepositories["refreshTokens"];
  passwords: Passwords;
  tokens: Tokens;
  publisher: Publisher;
  log: Logger;
}
/** Response body, and the refresh token for the cookie. */
export interface SignedIn {
  answer: LoginAnswer;
  refreshToken: IssuedToken;
}

/** Manages logins. A login starts with a password and continues through refresh tokens until it is revoked. */
export class SignIn {
  constructor(private readonly dependencies: SignInDependencies) {}

  /** Response and duration do not reveal whether the address is unknown, the password wrong or the user disabled. */
  async login(email: string, password: string): Promise<SignedIn> {
    const { accounts, refreshTokens, passwords } = this.dependencies;
    const account = await accounts.findByEmail(email);
    const isMatch = await passwords.matches(password, account?.passwordHash ?? undefined);
    if (!account || !isMatch || account.isDisabled)
      throw new ProblemError(
        "wrong_credentials",
        "Check the e-mail address and password and try again, or ask an admin of your company.",
      );
    if (account.isCompanySuspended) throw companySuspended();
    return this.issueTokens(account, await refreshTokens.issue(account));
  }

  /** Rotates the token. A token that was used before may have been stolen, so its whole login is revoked. */
  async refresh(token: string | undefined): Promise<SignedIn> {
    const { accounts, refreshTokens, log } = this.dependencies;
    if (!token) throw loginEnded();
    const outcome = await refreshTokens.rotate(token);
    if (outcome.kind === "refused") throw loginEnded();
    if (outcome.kind === "reused") {
      log.warn({ loginId: outcome.loginId, userId: outcome.userId }, "login revoked: a refresh token was used twice");
      await this.closeSockets(outcome);
      throw loginEnded();
    }
    const account = await accounts.findUser(outcome);
    // The login stays, and continues when the company is reopened.
    if (account?.isCompanySuspended) throw companySuspended();
    if (!account || account.isDisabled) {
      await this.end(outcome);
      throw loginEnded();
    }
    return this.issueTokens(account, outcome);
  }

  /** Resolves also when the login has already ended. */
  async logout(token: string | undefined): Promise<void> {
    const login = token ? await this.dependencies.refreshTokens.find(token) : undefined;
    if (login) await this.end(login);
  }

  private async end(login: Login): Promise<void> {
    await this.dependencies.refreshTokens.revokeLogin(login);
    await this.closeSockets(login);
  }

  /** Without Redis, sockets stay open until their access token expires. The login itself has ended in any case. */
  private async closeSockets({ companyId, loginId }: Login): Promise<void> {
    try {
      await this.dependencies.publisher.revoke(companyId, [loginId], accessTokenLifeMs);
    } catch (err) {
      this.dependencies.log.warn({ err, loginId }, "could not close the sockets of an ended login at once");
    }
  }

  private async issueTokens(account: Account, refreshToken: IssuedToken): Promise<SignedIn> {
    const accessToken = await this.dependencies.tokens.issueAccess({ ...account, loginId: refreshToken.loginId });
    const answer = { accessToken, expiresInSeconds: accessTokenLifeMs / 1_000, me: toMe(account) };
    return { answer, refreshToken };
  }
}

export const toMe = ({ passwordHash: _, isDisabled: __, ...me }: Account): Me => me;
const loginEnded = () => unauthenticated(loginEndedDetail);
