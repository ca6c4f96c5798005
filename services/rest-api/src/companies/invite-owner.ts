import type { OwnerInvitation } from "@syszap/contracts";
import type { AuditActor, Database } from "@syszap/database";
import type { People } from "../people/people.ts";

interface InviteOwnerDependencies {
  database: Database;
  people: Pick<People, "invite">;
}
interface Owner {
  email: string;
  name: string;
  language: "pt-BR" | "en";
}

/** Creates companies, and invites their owners. Used by the REST API and by the command line. */
export class InviteOwner {
  constructor(private readonly dependencies: InviteOwnerDependencies) {}

  /** Removes the company again when its owner cannot be invited. */
  async createCompany(
    name: string,
    owner: Owner,
    actor: AuditActor,
  ): Promise<{ companyId: string; invitation: OwnerInvitation }> {
    const { companyLifecycle } = this.dependencies.database.system;
    const companyId = await companyLifecycle.create(name, actor);
    try {
      return { companyId, invitation: await this.invite(companyId, owner, actor) };
    } catch (error) {
      await companyLifecycle.scheduleDeletion(companyId, 0, actor);
      throw error;
    }
  }

  /** Rejects with a conflict when the address has an account already. */
  async invite(companyId: string, owner: Owner, actor: AuditActor): Promise<OwnerInvitation> {
    const { invitation } = await this.dependencies.people.invite({ companyId, actor }, { ...owner, role: "owner" });
    return { email: owner.email, link: invitation.link, expiresAt: invitation.expiresAt };
  }
}
