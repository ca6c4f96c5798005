import type { SystemRepositories } from "@syszap/database";
import type { Logger, RedisClient } from "@syszap/platform";
import type { Limits } from "../limit-environment.ts";
import type { LoginAttempt } from "./login-throttle.ts";
import { openRateStore, type SharedRateStore } from "./shared-rate-store.ts";

interface BlockedDependencies {
  repositories: Pick<SystemRepositories, "logins" | "audit">;
  redis: RedisClient;
  limits: Limits;
  log: Logger;
}

/** Records blocked sign-ins in the audit log of the user's company, once in each window for an e-mail address. */
export class BlockedSignIns {
  private readonly recorded: SharedRateStore;

  constructor(private readonly dependencies: BlockedDependencies) {
    const windowMs = dependencies.limits.LIMIT_LOGIN_WINDOW_SECONDS * 1_000;
    this.recorded = openRateStore(dependencies.redis, "user-login-blocked", windowMs);
  }

  /** Returns at once, so that the response does not reveal whether the address is known. */
  note(attempt: LoginAttempt): void {
    this.record(attempt).catch((err: unknown) =>
      this.dependencies.log.warn({ err }, "could not record a blocked sign-in in the audit log"),
    );
  }

  private async record({ email, address }: LoginAttempt): Promise<void> {
    const { totalHits } = await this.recorded.increment(email.toLowerCase());
    if (totalHits > 1) return;
    const { logins, audit } = this.dependencies.repositories;
    const account = await logins.findByEmail(email);
    if (!account) return;
    const target = { kind: "user", id: account.userId } as const;
    await audit.record(account.companyId, { kind: "system", address }, { action: "sign_in_blocked", target });
  }
}
