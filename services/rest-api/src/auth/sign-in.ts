import type { LoginAnswer, Me } from "@syszap/contracts";
import type { Account, IssuedToken, Login, SystemRepositories } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import { ProblemError } from "../problem.ts";
import { unauthenticated } from "./guard.ts";
import type { Passwords } from "./passwords.ts";
import { accessTokenLifeMs, type Tokens } from "./tokens.ts";

interface SignInParts {
  accounts: SystemRepositories["logins"];
  refreshTokens: SystemRepositories["refreshTokens"];
  passwords: Passwords;
  tokens: Tokens;
  publisher: Publisher;
  log: Logger;
}
/** The answer, and the token that goes into the cookie. */
export interface SignedIn {
  answer: LoginAnswer;
  refreshToken: IssuedToken;
}

/** One password begins a login; its refresh tokens carry it on until it is ended. */
export class SignIn {
  constructor(private readonly parts: SignInParts) {}

  /** Says and takes the same whether the address is unknown, the password wrong or the person disabled. */
  async login(email: string, password: string): Promise<SignedIn> {
    const { accounts, refreshTokens, passwords } = this.parts;
    const account = await accounts.findByEmail(email);
    const fits = await passwords.matches(password, account?.passwordHash);
    if (!account || !fits || account.isDisabled)
      throw new ProblemError("wrong_credentials", "Check both and try again, or ask an admin of your company.");
    return this.welcome(account, await refreshTokens.issue(account));
  }

  /** A token that was used before means that somebody holds a copy: then the whole login ends. */
  async refresh(token: string | undefined): Promise<SignedIn> {
    const { accounts, refreshTokens, log } = this.parts;
    if (!token) throw signInAgain();
    const outcome = await refreshTokens.rotate(token);
    if (outcome.kind === "refused") throw signInAgain();
    if (outcome.kind === "reused") {
      log.warn({ loginId: outcome.loginId, userId: outcome.userId }, "a refresh token was used twice: login ended");
      await this.closeSockets(outcome);
      throw signInAgain();
    }
    const account = await accounts.findUser(outcome);
    if (!account || account.isDisabled) {
      await this.end(outcome);
      throw signInAgain();
    }
    return this.welcome(account, outcome);
  }

  /** No error when the login has ended already: the wish is fulfilled. */
  async logout(token: string | undefined): Promise<void> {
    const login = token ? await this.parts.refreshTokens.find(token) : undefined;
    if (login) await this.end(login);
  }

  private async end(login: Login): Promise<void> {
    await this.parts.refreshTokens.revokeLogin(login);
    await this.closeSockets(login);
  }

  /** While Redis is away sockets stay open until their access token ends; the login itself is over in any case. */
  private async closeSockets({ companyId, loginId }: Login): Promise<void> {
    try {
      await this.parts.publisher.revoke(companyId, [loginId], accessTokenLifeMs);
    } catch (err) {
      this.parts.log.warn({ err, loginId }, "the sockets of an ended login could not be closed at once");
    }
  }

  private async welcome(account: Account, refreshToken: IssuedToken): Promise<SignedIn> {
    const accessToken = await this.parts.tokens.issueAccess({ ...account, loginId: refreshToken.loginId });
    const answer = { accessToken, expiresInSeconds: accessTokenLifeMs / 1_000, me: toMe(account) };
    return { answer, refreshToken };
  }
}

export const toMe = ({ userId, companyId, companyName, name, email, role }: Account): Me => ({
  ...{ userId, companyId, companyName },
  ...{ name, email, role },
});
const signInAgain = () => unauthenticated("This login has ended. Sign in again.");
