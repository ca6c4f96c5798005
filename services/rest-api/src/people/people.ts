import { type AccountLink, type Language, managedRoles, maxUsers, type Role } from "@syszap/contracts";
import type { AuditActor, CompanyUnit, Database, User } from "@syszap/database";
import type { Revoker } from "../auth/revoker.ts";
import { notFound, ProblemError } from "../problem.ts";
import type { AccountLinks } from "./account-links.ts";

export interface PeopleDependencies {
  database: Database;
  revoker: Revoker;
  links: AccountLinks;
}
/** Who manages people. */
export interface Manager {
  companyId: string;
  actor: AuditActor;
  /** The managing user. Absent for operators and the command line, who may manage everybody. */
  userId?: string;
}
interface NewPerson {
  email: string;
  name: string;
  role: Role;
  language: Language;
}
interface PersonChanges {
  name?: string | undefined;
  role?: Role | undefined;
  disabled?: boolean | undefined;
}

/**
 * Manages the users of a company. Each method locks the company's users first and reads the manager's present role from the
 * database, so concurrent changes cannot combine into one that is not allowed.
 */
export class People {
  constructor(private readonly dependencies: PeopleDependencies) {}

  invite(by: Manager, person: NewPerson): Promise<{ user: User; invitation: AccountLink }> {
    return this.dependencies.database.withCompany(by.companyId, async (unit) => {
      unit.users.lockAll();
      await requireMayManage(unit, by, person.role);
      if ((await unit.users.count()) >= maxUsers)
        throw new ProblemError(
          "conflict",
          `A company can have at most ${maxUsers} people. Revoke an invitation first.`,
        );
      const added = await unit.users.invite(person);
      if (!added) throw await addressTaken(unit, person.email);
      const invitation = await this.dependencies.links.create(unit, added.id, "invitation");
      const { email, name, role } = person;
      await unit.audit.record(by.actor, { action: "user_invited", ...target(added), after: { email, name, role } });
      return { user: (await unit.users.find(added.id)) ?? added, invitation };
    });
  }

  resendInvitation(by: Manager, id: string): Promise<AccountLink> {
    return this.change(by, id, async (unit, user) => {
      requireInvited(user, "Create a link to reset the password instead.");
      const link = await this.dependencies.links.create(unit, id, "invitation");
      await unit.audit.record(by.actor, { action: "invitation_resent", ...target(user) });
      return link;
    });
  }

  revokeInvitation(by: Manager, id: string): Promise<void> {
    return this.change(by, id, async (unit, user) => {
      requireInvited(user, "Disable the user instead.");
      await unit.users.removeInvited(id);
      const { email, name, role } = user;
      await unit.audit.record(by.actor, {
        action: "invitation_revoked",
        ...target(user),
        before: { email, name, role },
      });
    });
  }

  resetPassword(by: Manager, id: string): Promise<AccountLink> {
    return this.change(by, id, async (unit, user) => {
      if (user.state === "invited") throw new ProblemError("conflict", "Send the invitation again instead.");
      if (user.state === "disabled") throw new ProblemError("conflict", "Enable the user first.");
      const link = await this.dependencies.links.create(unit, id, "password_reset");
      await unit.audit.record(by.actor, { action: "password_reset_created", ...target(user) });
      return link;
    });
  }

  async update(by: Manager, id: string, changes: PersonChanges): Promise<User> {
    const user = await this.change(by, id, async (unit, before) => {
      const role = changes.role === before.role ? undefined : changes.role;
      const isDisabled = changes.disabled === before.isDisabled ? undefined : changes.disabled;
      await requireMayChange(unit, by, before, { role, isDisabled });
      const user = await unit.users.update(id, { name: changes.name, role, isDisabled });
      if (!user) throw notFound("user");
      await recordChanges(unit, by.actor, before, user);
      if (isDisabled) await unit.accountLinks.endAll({ userId: id });
      if (isDisabled) await unit.users.endLogins(id);
      // Closes the user's sockets, also those of API keys. A page connects again with the present rights.
      if (role !== undefined || isDisabled !== undefined) unit.emit.accessChanged([id]);
      return user;
    });
    if (changes.disabled) await this.dependencies.revoker.send(by.companyId);
    return user;
  }

  /** For a person who lost the device. Ends the person's logins. Does nothing for somebody without a second factor. */
  async resetSecondFactor(by: Manager, id: string): Promise<void> {
    if (id === by.userId)
      throw new ProblemError("conflict", "Turn off your own second factor on the page of your account.");
    const isRemoved = await this.change(by, id, async (unit, user) => {
      if (!(await unit.secondFactors.remove(id))) return false;
      await unit.audit.record(by.actor, { action: "second_factor_disabled", ...target(user) });
      unit.emit.accessChanged([id]);
      await unit.users.endLogins(id);
      return true;
    });
    if (isRemoved) await this.dependencies.revoker.send(by.companyId);
  }

  /** Runs a change of a user whom the manager may manage. */
  private change<Result>(
    by: Manager,
    id: string,
    run: (unit: CompanyUnit, user: User) => Promise<Result>,
  ): Promise<Result> {
    return this.dependencies.database.withCompany(by.companyId, async (unit) => {
      unit.users.lockAll();
      const user = await unit.users.find(id);
      if (!user) throw notFound("user");
      await requireMayManage(unit, by, user.role);
      return run(unit, user);
    });
  }
}

async function requireMayManage(unit: CompanyUnit, by: Manager, role: Role): Promise<void> {
  if (by.userId === undefined) return;
  const manager = await unit.users.find(by.userId);
  if (manager?.state === "active" && managedRoles[manager.role].includes(role)) return;
  const detail =
    manager?.role === "admin" ? "Only owners manage owners. Ask an owner of your company." : "Ask an owner or admin.";
  throw new ProblemError("forbidden", detail);
}

async function requireMayChange(
  unit: CompanyUnit,
  by: Manager,
  user: User,
  { role, isDisabled }: { role: Role | undefined; isDisabled: boolean | undefined },
): Promise<void> {
  if (role === undefined && isDisabled === undefined) return;
  if (user.id === by.userId)
    throw new ProblemError("forbidden", "Nobody changes the own role or disables oneself. Ask another owner or admin.");
  if (role !== undefined) await requireMayManage(unit, by, role);
  if (isDisabled !== undefined && user.state === "invited")
    throw new ProblemError("conflict", "This person has not accepted the invitation. Revoke it instead.");
  const losesOwner = user.role === "owner" && user.state === "active" && (role !== undefined || isDisabled === true);
  if (losesOwner && !(await unit.users.hasOtherOwner(user.id)))
    throw new ProblemError("last_owner", "This is the only active owner. Make somebody else an owner first.");
}

async function recordChanges(unit: CompanyUnit, actor: AuditActor, before: User, after: User): Promise<void> {
  if (before.name !== after.name) {
    const names = { before: { name: before.name }, after: { name: after.name } };
    await unit.audit.record(actor, { action: "user_updated", ...target(after), ...names });
  }
  if (before.role !== after.role) {
    const roles = { before: { role: before.role }, after: { role: after.role } };
    await unit.audit.record(actor, { action: "user_role_changed", ...target(after), ...roles });
  }
  if (before.isDisabled !== after.isDisabled)
    await unit.audit.record(actor, { action: after.isDisabled ? "user_disabled" : "user_enabled", ...target(after) });
}

function requireInvited(user: User, advice: string): void {
  if (user.state !== "invited")
    throw new ProblemError("conflict", `This person has already accepted the invitation. ${advice}`);
}

/** Does not reveal in which other company the address has a user. */
async function addressTaken(unit: CompanyUnit, email: string): Promise<ProblemError> {
  const colleague = await unit.users.findByEmail(email);
  if (!colleague)
    return new ProblemError(
      "address_unavailable",
      "This address cannot be invited. Use another address of the person.",
    );
  const advice = {
    invited: "Send the invitation again instead.",
    active: "The person can sign in.",
    disabled: "Enable the user instead.",
  }[colleague.state];
  return new ProblemError("conflict", `Your company already has a user with this address. ${advice}`);
}

const target = ({ id }: { id: string }) => ({ target: { kind: "user", id } }) as const;
