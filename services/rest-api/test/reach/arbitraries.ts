import { AgentReach, Role } from "@syszap/contracts";
import fc from "fast-check";

const [people, teams, sessions, clients] = [4, 3, 3, 4];
/** Numbers instead of ids, so that fast-check can shrink a failing run. */
const numbersBelow = (limit: number) => Array.from({ length: limit }, (_, number) => number);
const exactly = (length: number) => ({ minLength: length, maxLength: length });
const role = fc.oneof({ weight: 3, arbitrary: fc.constant("agent" as const) }, fc.constantFrom(...Role.options));
const agentsSee = fc.constantFrom(...AgentReach.options);
const someTeams = fc.subarray(numbersBelow(teams));
const somePeople = fc.subarray(numbersBelow(people));

export const shape = fc.record({
  agentsSee,
  roles: fc.array(role, exactly(people)),
  /** The members of each team. */
  members: fc.array(somePeople, exactly(teams)),
  /** The teams of each session. */
  served: fc.array(someTeams, exactly(sessions)),
  /** The sessions in which each client has a chat. */
  clients: fc.array(fc.subarray(numbersBelow(sessions), { minLength: 1 }), exactly(clients)),
  /** The sessions that have a chat with a group. */
  groups: fc.subarray(numbersBelow(sessions)),
});
export type Shape = typeof shape extends fc.Arbitrary<infer Value> ? Value : never;

const person = fc.nat(people - 1);
const team = fc.nat(teams - 1);
const session = fc.nat(sessions - 1);
/** Reduced to the number of chats, files, sockets or links that there are. */
const any = fc.nat(999);
const maybeFile = fc.option(any, { nil: undefined });
const of = <const Kind extends string, Model extends object>(
  kind: Kind,
  model: { [Key in keyof Model]: fc.Arbitrary<Model[Key]> },
) => fc.record({ kind: fc.constant(kind), ...model }) as fc.Arbitrary<{ kind: Kind } & Model>;

/** Changes of who sees what. */
export const move = fc.oneof(
  { weight: 4, arbitrary: of("teams of session", { session, teams: someTeams }) },
  { weight: 4, arbitrary: of("members of team", { team, people: somePeople }) },
  { weight: 2, arbitrary: of("agents see", { agentsSee }) },
  { weight: 2, arbitrary: of("role", { person, role }) },
  { weight: 2, arbitrary: of("disabled", { person, isDisabled: fc.boolean() }) },
  { weight: 1, arbitrary: of("team replaced", { team }) },
  { weight: 1, arbitrary: of("session removed", { session }) },
);
export type Move = typeof move extends fc.Arbitrary<infer Value> ? Value : never;

/** Changes of data, with events. */
export const change = fc.oneof(
  { weight: 4, arbitrary: of("message", { chat: any, file: maybeFile, isMention: fc.boolean() }) },
  { weight: 2, arbitrary: of("picture", { client: fc.nat(clients - 1), file: any }) },
  { weight: 2, arbitrary: of("group", { chat: any, file: any, isNamed: fc.boolean() }) },
  { weight: 2, arbitrary: of("send", { person, chat: any, key: fc.nat(1), file: maybeFile }) },
  { weight: 2, arbitrary: of("mark read", { person, chat: any }) },
);
export type Change = typeof change extends fc.Arbitrary<infer Value> ? Value : never;

const ways = ["lists", "search", "single reads", "messages", "files", "links", "consumer"] as const;
export const step = fc.oneof(
  { weight: 5, arbitrary: move },
  { weight: 5, arbitrary: change },
  { weight: 2, arbitrary: of("together", { move, change }) },
  { weight: 6, arbitrary: of("open", { person, gateway: fc.nat(1), isKey: fc.boolean() }) },
  { weight: 2, arbitrary: of("sleep", { socket: any }) },
  { weight: 6, arbitrary: of("wake", { socket: any, gateway: fc.nat(1) }) },
  { weight: 1, arbitrary: of("take ticket", { person }) },
  { weight: 2, arbitrary: of("use ticket", { ticket: any, gateway: fc.nat(1) }) },
  { weight: 2, arbitrary: of("link", { person, file: any }) },
  { weight: 1, arbitrary: of("upload", { person }) },
  { weight: 9, arbitrary: of("read", { person, isKey: fc.boolean(), way: fc.constantFrom(...ways) }) },
);
export type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;
