import { randomUUID } from "node:crypto";
import { type Audience, catalog, Role, wholeCompany } from "@syszap/contracts";
import { exampleEvent, redisTest } from "@syszap/testing";
import { isMeantFor } from "@syszap/testing/oracle";
import fc from "fast-check";
import { expect } from "vitest";
import { type Person, person, runGateway, type TestGateway } from "../gateway-fixture.ts";

const runs = 40;
const companies = 3;
const usersOfEach = 3;
const teamsOfEach = 3;

/** Companies and users are numbers, so that fast-check can shrink a failing run. */
const lists = { teams: fc.subarray([0, 1, 2]), users: fc.subarray([0, 1, 2]) };
const someone = fc.record({ company: fc.nat(companies - 1), user: fc.nat(usersOfEach - 1) });
const reach = fc.oneof(
  fc.constant({ kind: "company" as const }),
  fc.record({ kind: fc.constant("user" as const), user: fc.nat(usersOfEach - 1) }),
  fc.record({ kind: fc.constant("role" as const), roles: fc.subarray(Role.options, { minLength: 1 }) }),
  fc.record({
    kind: fc.constant("reach" as const),
    ...lists,
    except: fc.option(fc.record(lists), { nil: undefined }),
  }),
);
const event = fc.record({ company: fc.nat(companies - 1), reach, isDurable: fc.boolean() });
const scenario = fc.record({
  roles: fc.array(fc.constantFrom(...Role.options), {
    minLength: companies * usersOfEach,
    maxLength: companies * usersOfEach,
  }),
  teams: fc.array(fc.subarray([0, 1, 2]), {
    minLength: companies * usersOfEach,
    maxLength: companies * usersOfEach,
  }),
  connections: fc.array(someone, { minLength: 1, maxLength: 8 }),
  events: fc.array(event, { minLength: 1, maxLength: 12 }),
});
type Reach = typeof reach extends fc.Arbitrary<infer Value> ? Value : never;

const toAudience = (to: Reach, people: Person[], teams: string[]): Audience => {
  if (to.kind === "user") return { kind: "user", userId: people[to.user]?.userId ?? "" };
  if (to.kind !== "reach") return to;
  const named = (numbers: { teams: number[]; users: number[] }) => ({
    teams: numbers.teams.map((number) => teams[number] ?? ""),
    users: numbers.users.map((number) => people[number]?.userId ?? ""),
  });
  return { kind: "reach", ...named(to), ...(to.except && { except: named(to.except) }) };
};

redisTest(
  "delivers every event to its whole audience and to nobody else",
  async ({ redisUrl }) => {
    const limits = { connectionsPerAddress: 5_000, upgradeBurst: 5_000, upgradesPerSecond: 5_000 };
    const gateway = await runGateway({ redisUrl, limits });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ roles, teams, connections, events }) => {
        const ids = Array.from({ length: companies }, () => randomUUID());
        const teamIds = ids.map(() => Array.from({ length: teamsOfEach }, () => randomUUID()));
        const people = ids.map((companyId, company) =>
          Array.from({ length: usersOfEach }, (_, user) => {
            const index = company * usersOfEach + user;
            const own = (teams[index] ?? []).map((number) => teamIds[company]?.[number] ?? "");
            return person({ companyId, role: roles[index] ?? "agent", teams: own });
          }),
        );
        const clients = await Promise.all(
          connections.map(async ({ company, user }) => {
            const who = people[company]?.[user] ?? person();
            return { who, expected: [] as string[], socket: await gateway.client(who) };
          }),
        );
        for (const { company, reach: to, isDurable } of events) {
          const [companyId, audience] = [
            ids[company] ?? "",
            toAudience(to, people[company] ?? [], teamIds[company] ?? []),
          ];
          const name = await publish(gateway, { companyId, audience, isDurable });
          for (const { who, expected } of clients) if (isMeantFor({ companyId, audience }, who)) expected.push(name);
        }
        // Each channel keeps its order, so all expected events have arrived when the last one comes.
        for (const companyId of ids)
          await publish(gateway, { companyId, audience: wholeCompany, isDurable: true }, "end");
        for (const { expected, socket } of clients) {
          const received: string[] = [];
          for (let name = ""; name !== "end"; ) {
            const { data } = await socket.nextOf("new_message");
            name = String(data.Body);
            received.push(name);
          }
          expect(received).toEqual([...expected, "end"]);
          socket.close();
        }
      }),
      { numRuns: runs },
    );
  },
  60_000,
);

interface Publication {
  companyId: string;
  audience: Audience;
  isDurable: boolean;
}

async function publish(gateway: TestGateway, publication: Publication, name: string = randomUUID()): Promise<string> {
  const { companyId, audience, isDurable } = publication;
  const event = exampleEvent(catalog.new_message, { data: { Body: name } });
  if (isDurable) await gateway.publisher.publishDurable(companyId, [{ ...event, audience }]);
  // Published like an ephemeral event, with a body that identifies it.
  else await gateway.publisher.publishEphemeral(companyId, { ...event, audience } as never, { expiresInMs: 60_000 });
  return name;
}
