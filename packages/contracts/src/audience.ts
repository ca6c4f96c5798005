import { z } from "zod";
import { maxReachTeams, maxReachUsers } from "./constants/index.ts";
import { Role } from "./vocabulary.ts";

const Teams = z.array(z.uuid()).max(maxReachTeams);
const Users = z.array(z.uuid()).max(maxReachUsers);

/** The users of a company who may receive an event. */
export const Audience = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("company") }),
  z.object({ kind: z.literal("user"), userId: z.uuid() }),
  z.object({ kind: z.literal("role"), roles: z.array(Role).min(1) }),
  /** The members of the teams, the users, and every owner and admin. Both lists may be empty. */
  z.object({
    kind: z.literal("reach"),
    teams: Teams,
    users: Users,
    /** Excludes these teams and users, and every owner and admin. Only `chat_gone` has it: see `lostReach`. */
    except: z.object({ teams: Teams, users: Users }).optional(),
  }),
]);
export type Audience = z.infer<typeof Audience>;
export type ReachAudience = Extract<Audience, { kind: "reach" }>;
export const wholeCompany: Audience = { kind: "company" };

/** The properties of a user that decide whether an audience includes the user. */
export interface Member {
  readonly userId: string;
  readonly role: Role;
  /** True for owners and admins, and for programs that act for one. */
  readonly seesAll: boolean;
  /** Ids of the user's teams. */
  readonly teams: ReadonlySet<string>;
}

/** True if the member belongs to the audience. The caller has checked that both are of the same company. */
export function isInAudience(audience: Audience, member: Member): boolean {
  switch (audience.kind) {
    case "company":
      return true;
    case "user":
      return audience.userId === member.userId;
    case "role":
      return audience.roles.includes(member.role);
    case "reach":
      return isInReach(audience, member);
    default:
      return audience satisfies never;
  }
}

function isInReach({ teams, users, except }: ReachAudience, member: Member): boolean {
  if (member.seesAll) return except === undefined;
  return isNamed({ teams, users }, member) && !(except && isNamed(except, member));
}

function isNamed({ teams, users }: { teams: readonly string[]; users: readonly string[] }, member: Member): boolean {
  return users.includes(member.userId) || teams.some((team) => member.teams.has(team));
}

/** Audience of `chat_gone`: the users who were in the chat's audience before a change and are not in it afterwards. */
export function lostReach(before: ReachAudience, after: ReachAudience): ReachAudience {
  return {
    kind: "reach",
    teams: before.teams,
    users: before.users,
    except: { teams: after.teams, users: after.users },
  };
}
