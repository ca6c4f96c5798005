import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import {
  Audience,
  isInAudience,
  lostReach,
  type Member,
  maxReachTeams,
  type Role,
  seesWholeCompany,
} from "../src/index.ts";

const [sales, support] = [randomUUID(), randomUUID()];
const member = (role: Role, ...teams: string[]): Member => ({
  userId: randomUUID(),
  role,
  seesAll: seesWholeCompany(role),
  teams: new Set(teams),
});
const [owner, admin, seller, supporter, both] = [
  member("owner"),
  member("admin"),
  member("agent", sales),
  member("agent", support),
  member("agent", sales, support),
];
const everybody = { owner, admin, seller, supporter, both };
const includedIn = (audience: Audience) =>
  Object.entries(everybody).flatMap(([name, each]) => (isInAudience(audience, each) ? [name] : []));
const reach = (teams: string[], users: string[] = []) => ({ kind: "reach" as const, teams, users });

test.each<[string, Audience, string[]]>([
  ["the company", { kind: "company" }, ["owner", "admin", "seller", "supporter", "both"]],
  ["one user", { kind: "user", userId: seller.userId }, ["seller"]],
  ["a role", { kind: "role", roles: ["admin"] }, ["admin"]],
  ["no team and no user", reach([]), ["owner", "admin"]],
  ["a team", reach([sales]), ["owner", "admin", "seller", "both"]],
  ["a team and a user", reach([sales], [supporter.userId]), ["owner", "admin", "seller", "supporter", "both"]],
])("the audience of %s includes exactly its members", (_, audience, expected) => {
  expect(includedIn(audience)).toEqual(expected);
});

test("a chat that moves is gone for those only who do not see it afterwards, and never for owners and admins", () => {
  expect(includedIn(lostReach(reach([sales]), reach([support])))).toEqual(["seller"]);
  expect(includedIn(lostReach(reach([sales]), reach([sales])))).toEqual([]);
  expect(includedIn(lostReach(reach([sales]), reach([], [seller.userId])))).toEqual(["both"]);
});

test("a program of an owner sees every chat, although its role is the lowest", () => {
  expect(isInAudience(reach([sales]), { ...member("agent"), seesAll: true })).toBe(true);
  expect(isInAudience({ kind: "role", roles: ["owner"] }, { ...member("agent"), seesAll: true })).toBe(false);
});

test("refuses an audience with too many teams", () => {
  const teams = Array.from({ length: maxReachTeams + 1 }, () => randomUUID());
  expect(Audience.safeParse(reach(teams)).success).toBe(false);
  expect(Audience.safeParse(reach(teams.slice(1))).success).toBe(true);
});
