import type { OwnerInvitation } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { ProblemError } from "../problem.ts";

interface InviteOwnerDependencies {
  database: Database;
  log: Logger;
}
interface Owner {
  email: string;
  name: string;
}

/** Creates companies, and invites their owners. Used by the REST API and by the command line. */
export class InviteOwner {
  constructor(private readonly dependencies: InviteOwnerDependencies) {}

  async createCompany(
    name: string,
    owner: Owner,
    operatorId: string,
  ): Promise<{ companyId: string; invitation: OwnerInvitation }> {
    const { database, log } = this.dependencies;
    const { id } = await database.system.companies.create({ name });
    log.info({ operatorId, companyId: id }, "company created");
    return { companyId: id, invitation: await this.invite(id, owner, operatorId) };
  }

  /** Rejects with a conflict when the address has an account already. */
  async invite(companyId: string, owner: Owner, operatorId: string): Promise<OwnerInvitation> {
    this.dependencies.log.info({ operatorId, companyId, email: owner.email }, "owner not invited");
    throw new ProblemError("conflict", "Invitations are not available yet.");
  }
}
