import { type Role, seesWholeCompany, type TicketClaims } from "@syszap/contracts";

/** What decides, besides the user, which events a connection receives. Connections with equal permissions share one object. */
export interface Permissions {
  readonly role: Role;
  readonly seesAll: boolean;
  readonly teams: ReadonlySet<string>;
}

const known = new Map<string, Permissions>();
/** Beyond this, later connections get new objects: they share fewer views, and receive the same events. */
const maxKnown = 10_000;

export function permissionsOf(claims: Pick<TicketClaims, "role" | "teams" | "all">): Permissions {
  const { role, teams = [], all = false } = claims;
  const seesAll = seesWholeCompany(role) || all;
  const key = [role, seesAll, ...teams.toSorted()].join(" ");
  const shared = known.get(key);
  if (shared) return shared;
  const permissions: Permissions = { role, seesAll, teams: new Set(teams) };
  if (known.size >= maxKnown) known.clear();
  known.set(key, permissions);
  return permissions;
}
