import type { Database } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import type { AccountLinks } from "./account-links.ts";

interface ResetDependencies {
  database: Database;
  links: AccountLinks;
  log: Logger;
}

/** Password resets that people request who cannot sign in. */
export class PasswordResets {
  private readonly running = new Set<Promise<void>>();

  constructor(private readonly dependencies: ResetDependencies) {}

  /**
   * Resolves after one look-up, which takes equally long for every address. The link is created afterwards, so the duration does
   * not reveal whether the address is known. A request is lost if the process ends at that moment; the person asks again.
   */
  async request(email: string, address: string): Promise<void> {
    const account = await this.dependencies.database.system.logins.findByEmail(email);
    if (!account || account.passwordHash === null || account.isDisabled) return;
    const work = this.create(account, address)
      .catch((err: unknown) => this.dependencies.log.error({ err }, "could not create the link of a password reset"))
      .finally(() => this.running.delete(work));
    this.running.add(work);
  }

  /** Waits for links that are being created. */
  async stop(): Promise<void> {
    await Promise.all(this.running);
  }

  private async create(user: { companyId: string; userId: string }, address: string): Promise<void> {
    const { database, links } = this.dependencies;
    const { companyId, userId } = user;
    await database.withCompany(companyId, async (unit) => {
      unit.users.lockAll();
      if ((await unit.users.find(userId))?.state !== "active") return;
      if (links.sendsMail) await links.create(unit, userId, "password_reset");
      await unit.audit.record(
        { kind: "system", address },
        {
          action: "password_reset_requested",
          target: { kind: "user", id: userId },
          after: { mail: links.sendsMail ? "on" : "off" },
        },
      );
    });
    if (!links.sendsMail)
      this.dependencies.log.warn(
        { companyId, userId },
        "a user asked for a password reset, but SMTP_URL is not set: a manager can create a link",
      );
  }
}
