import { type Audience, type Cursor, channels, keys, type Member, roles } from "@syszap/contracts";
import type { Cluster, Redis } from "ioredis";
import { guarded } from "../errors.ts";

/** Prefix of the fields for `chat_gone`, which ends neither connections nor tickets. */
const gonePrefix = "gone:";

/**
 * Fields of the hash `keys.rights` that the publish script sets to the position of the event, separated by spaces. Cursors from before
 * the event cannot be resumed: the client would keep, or receive, what its user may no longer see.
 */
export function rightsFieldsOf({ type, audience }: { type: string; audience: Audience }): string {
  if (type !== "access_changed" && type !== "chat_gone") return "";
  const prefix = type === "chat_gone" ? gonePrefix : "";
  return namesOf(audience)
    .map((name) => prefix + name)
    .join(" ");
}

function namesOf(audience: Audience): readonly string[] {
  switch (audience.kind) {
    case "company":
      return roles;
    case "user":
      return [audience.userId];
    case "role":
      return audience.roles;
    case "reach":
      return [...audience.users, ...audience.teams, ...(audience.except ? [] : ["owner", "admin"])];
    default:
      return audience satisfies never;
  }
}

/** Position of the company's log at which the rights in a ticket were read. */
export interface RightsPosition {
  epoch: number;
  seq: number;
}

export interface RightsCheck {
  /** False if the user's rights changed after they were read for the ticket. */
  isTicketCurrent: boolean;
  /** False if rights changed, or a chat left the user's reach, after the cursor. */
  mayResume: boolean;
}

/** Compares a ticket and a cursor with the marks of the company's log. */
export async function checkRights(
  redis: Redis | Cluster,
  companyId: string,
  { member, readAt, since }: { member: Member; readAt?: RightsPosition | undefined; since?: Cursor | undefined },
): Promise<RightsCheck> {
  const names = [member.userId, member.role, ...member.teams];
  const [marks, epoch] = await guarded(() =>
    Promise.all([
      redis.hmget(keys.rights(companyId), ...names, ...names.map((name) => gonePrefix + name)),
      redis.hget(keys.head(channels.company(companyId)), "epoch"),
    ]),
  );
  const accessChangedAt = newest(marks.slice(0, names.length));
  // A new log has no marks of the one before it, so that any mark is newer than a ticket of the old log.
  const isSameLog = readAt?.epoch === Number(epoch);
  return {
    isTicketCurrent: !readAt || (isSameLog ? readAt.seq >= accessChangedAt : accessChangedAt === 0),
    mayResume: since !== undefined && Number(since.split(".", 1)[0]) >= newest(marks),
  };
}

const newest = (marks: readonly (string | null)[]): number => Math.max(0, ...marks.map(Number));

/** Returns those users and roles of the company that have a mark of `access_changed`. Marks are kept for a day. */
export async function changedAmong(
  redis: Redis | Cluster,
  companyId: string,
  names: readonly string[],
): Promise<Set<string>> {
  if (names.length === 0) return new Set();
  const marks = await guarded(() => redis.hmget(keys.rights(companyId), ...names));
  return new Set(names.filter((_, index) => marks[index] !== null));
}

/** `<epoch>.<seq>`, the claim `rights` of a ticket. */
export const toRightsClaim = ({ epoch, seq }: RightsPosition): string => `${epoch}.${seq}`;

export function parseRightsClaim(claim: string): RightsPosition {
  const [epoch, seq] = claim.split(".").map(Number);
  return { epoch: epoch ?? 0, seq: seq ?? 0 };
}
