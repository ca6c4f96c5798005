import { type Audience, maxReachTeams, maxReachUsers, type ReachAudience, Role, wholeCompany } from "@syszap/contracts";

/** Characters of an id: 16 bytes in base64url. */
const idLength = 22;
/** Decoded audiences by their text. Publications of one session share an object, also in memory. */
const decoded = new Map<string, Audience>();
const maxDecoded = 2_000;

/**
 * `c`, `u:<userId>`, `r:<role>,<role>`, or `x:<teams>,<users>` with an optional `,<teams>,<users>` of the exceptions. The ids of an
 * `x:` list have 22 characters each and no separator. Earlier releases do not know `x:` and drop the publication: their clients then
 * receive `resync`, never an event that is not theirs.
 */
export function encodeAudience(audience: Audience): string {
  if (audience.kind === "user") return `u:${audience.userId}`;
  if (audience.kind === "role") return `r:${audience.roles.join(",")}`;
  if (audience.kind === "company") return "c";
  const { teams, users, except } = audience;
  const lists = except ? [teams, users, except.teams, except.users] : [teams, users];
  return `x:${lists.map((ids, index) => encodeIds(ids, limitOf(index))).join(",")}`;
}

/** Returns undefined for text that is not an audience of this release. */
export function decodeAudience(text: string): Audience | undefined {
  if (text === "c") return wholeCompany;
  if (text.startsWith("u:") && text.length > 2) return { kind: "user", userId: text.slice(2) };
  const known = decoded.get(text);
  if (known) return known;
  const audience = text.startsWith("x:") ? decodeReach(text.slice(2)) : decodeRoles(text);
  if (!audience) return undefined;
  if (decoded.size >= maxDecoded) decoded.clear();
  decoded.set(text, audience);
  return audience;
}

function decodeRoles(text: string): Audience | undefined {
  if (!text.startsWith("r:")) return undefined;
  const roles = text
    .slice(2)
    .split(",")
    .filter((role): role is Role => Role.safeParse(role).success);
  return roles.length > 0 ? { kind: "role", roles } : undefined;
}

function decodeReach(text: string): ReachAudience | undefined {
  const lists = text.split(",").map((part, index) => decodeIds(part, limitOf(index)));
  if (lists.length !== 2 && lists.length !== 4) return undefined;
  const [teams, users, exceptTeams, exceptUsers] = lists;
  if (!teams || !users) return undefined;
  if (lists.length === 2) return { kind: "reach", teams, users };
  return exceptTeams && exceptUsers
    ? { kind: "reach", teams, users, except: { teams: exceptTeams, users: exceptUsers } }
    : undefined;
}

const limitOf = (list: number): number => (list % 2 === 0 ? maxReachTeams : maxReachUsers);

function encodeIds(ids: readonly string[], limit: number): string {
  if (ids.length > limit) throw new RangeError(`an audience names at most ${limit} teams and users each`);
  return ids.map((id) => Buffer.from(id.replaceAll("-", ""), "hex").toString("base64url")).join("");
}

function decodeIds(text: string, limit: number): string[] | undefined {
  const count = text.length / idLength;
  if (!Number.isInteger(count) || count > limit || !/^[\w-]*$/.test(text)) return undefined;
  return Array.from({ length: count }, (_, index) => toUuid(text.slice(index * idLength, (index + 1) * idLength)));
}

function toUuid(id: string): string {
  const hex = Buffer.from(id, "base64url").toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
