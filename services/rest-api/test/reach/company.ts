import { randomUUID } from "node:crypto";
import { type AgentReach, type Role, reachOf, type Session } from "@syszap/contracts";
import { isMeantFor } from "@syszap/testing/oracle";
import { newApiKeySecret } from "../../src/auth/api-key-secret.ts";
import { type Api, newUser, type TestUser } from "../support/api-test.ts";
import { blackPng } from "../support/png.ts";
import type { Shape } from "./arbitraries.ts";

export type Bearer = TestUser["bearer"];
/** A user whose rights change during a run. */
export interface Person {
  user: TestUser;
  role: Role;
  isDisabled: boolean;
  teams: Set<string>;
  /** An API key that acts for the user. The user may have lost the role that creating a key requires. */
  key: Bearer;
}
export interface ServedSession {
  id: string;
  teams: Set<string>;
  isRemoved: boolean;
}
export interface TestClient {
  id: string;
  name: string;
  number: string;
  pictureId: string | null;
}
export interface TestGroup {
  waChatId: string;
  subject: string;
  pictureId: string | null;
}
/** With a client or with a group. */
export interface TestChat {
  id: string;
  client: TestClient | null;
  group: TestGroup | null;
  session: ServedSession;
  messageIds: Set<string>;
}
export interface TestFile {
  id: string;
  /** Chats with a message that has the file. */
  chats: Set<TestChat>;
  /** Set for the file of a user, which nobody else sees before it was sent. */
  uploadedBy?: Person;
}

/** What a person sees and claims at one moment. */
export interface View {
  sees: ReadonlySet<ServedSession>;
  /** Role, account and teams: a change ends the person's connections. */
  rights: string;
}
export type Views = ReadonlyMap<Person, View>;

/** A company with random teams, and the facts from which the test derives who sees what. */
export class TestCompany {
  readonly people: Person[] = [];
  readonly teams: string[] = [];
  readonly sessions: ServedSession[] = [];
  readonly chats: TestChat[] = [];
  readonly clients: TestClient[] = [];
  readonly files: TestFile[] = [];
  /** A session whose status everybody receives. */
  announced: Session | undefined;
  agentsSee: AgentReach = "team";
  private messages = 0;

  private constructor(
    readonly api: Api,
    /** Makes all changes and keeps the role. */
    readonly owner: TestUser,
  ) {}

  static async create(api: Api, shape: Shape): Promise<TestCompany> {
    const company = new TestCompany(api, await newUser(api));
    await company.addPeople(shape);
    await company.addChats(shape);
    await company.addFiles();
    return company;
  }

  get id(): string {
    return this.owner.companyId;
  }

  /** The rule under test: everything that the product shows must agree with it. */
  sees(person: Person, session: ServedSession): boolean {
    if (person.isDisabled) return false;
    const audience = reachOf({}, { teamIds: [...session.teams] }, { agentsSee: this.agentsSee });
    const { role, teams, user } = person;
    return isMeantFor(
      { companyId: this.id, audience },
      { companyId: this.id, userId: user.userId, role, teams: [...teams] },
    );
  }

  chatsOf(person: Person): TestChat[] {
    return this.chats.filter(({ session }) => this.sees(person, session));
  }

  sessionsOf(client: TestClient): ServedSession[] {
    return this.chats.flatMap((chat) => (chat.client === client ? chat.session : []));
  }

  /** Undefined if the rule says nothing about the file, because no chat has it. */
  seesFile(person: Person, file: TestFile): boolean | undefined {
    if (file.uploadedBy === person) return !person.isDisabled;
    const shownIn = [
      ...[...file.chats].map(({ session }) => session),
      ...this.clients.flatMap((client) => (client.pictureId === file.id ? this.sessionsOf(client) : [])),
      ...this.chats.flatMap(({ group, session }) => (group?.pictureId === file.id ? session : [])),
    ];
    if (shownIn.length === 0 && !file.uploadedBy) return undefined;
    return shownIn.some((session) => this.sees(person, session));
  }

  views(): Views {
    return new Map(
      this.people.map((person) => {
        const { role, isDisabled, teams } = person;
        const sees = new Set(this.sessions.filter((session) => this.sees(person, session)));
        return [person, { sees, rights: JSON.stringify([role, isDisabled, [...teams].sort()]) }];
      }),
    );
  }

  /** Disabling a user ends its logins. */
  async signInAgain(person: Person): Promise<void> {
    const { userId, companyId, role } = person.user;
    const loginId = randomUUID();
    const token = await this.api.tokens.issueAccess({ userId, companyId, loginId, role });
    person.user = { ...person.user, loginId, bearer: { Authorization: `Bearer ${token}` } };
  }

  /** The next millisecond of the company's messages. */
  nextTime(): number {
    this.messages += 1;
    return 1_700_000_000_000 + this.messages;
  }

  private async addPeople({ agentsSee, roles, members, served }: Shape): Promise<void> {
    const { database } = this.api;
    for (const role of roles) {
      const user = await newUser(this.api, role, this.id);
      const key = await newKey(this.api, user);
      this.people.push({ user, role, isDisabled: false, teams: new Set(), key });
    }
    this.agentsSee = agentsSee;
    await database.withReachChange(this.id, async ({ teams, settings, sessions }) => {
      await settings.setAgentsSee(agentsSee);
      for (const numbers of members) {
        const team = await teams.create(randomUUID(), 100);
        if (typeof team === "string") throw new Error(team);
        this.teams.push(team.id);
        const inTeam = numbers.flatMap((number) => this.people[number] ?? []);
        for (const person of inTeam) person.teams.add(team.id);
        await teams.setMembers(
          team.id,
          inTeam.map(({ user }) => user.userId),
        );
      }
      for (const numbers of served) {
        const session = await sessions.create({ name: "Vendas", engine: "simulator" });
        this.announced ??= session;
        const { id } = session;
        const ids = numbers.flatMap((number) => this.teams[number] ?? []);
        await teams.setOfSession(id, ids);
        await sessions.setGroups(id, true);
        this.sessions.push({ id, teams: new Set(ids), isRemoved: false });
      }
    });
  }

  private async addChats({ clients, groups }: Shape): Promise<void> {
    for (const [index, sessions] of clients.entries()) {
      const contact = { number: `55119${String(index).padStart(8, "0")}`, name: `Zé ${randomUUID()}` };
      await this.api.database.withCompany(this.id, async ({ clientResolver, chatRecorder }) => {
        const contactAt = new Date(this.nextTime());
        const { client: stored } = await clientResolver.touchFromMessage({ ...contact, contactAt });
        const client: TestClient = { ...contact, id: stored.id, pictureId: null };
        this.clients.push(client);
        for (const session of sessions.flatMap((number) => this.sessions[number] ?? [])) {
          const key = { sessionId: session.id, waChatId: `${contact.number}@c.us`, clientId: client.id };
          const { id } = await chatRecorder.upsert(key);
          this.chats.push({ id, client, group: null, session, messageIds: new Set() });
        }
      });
    }
    for (const session of groups.flatMap((number) => this.sessions[number] ?? []))
      await this.api.database.withCompany(this.id, async (unit) => {
        const group: TestGroup = {
          waChatId: "120363000000000001@g.us",
          subject: `Zé ${randomUUID()}`,
          pictureId: null,
        };
        const participants = [{ number: "5511900000000", name: "Bia", role: "admin" as const }];
        const at = new Date(this.nextTime());
        const chat = await unit.groups.apply({ sessionId: session.id, ...group, participants, at });
        if (!chat) throw new Error("the group was not stored");
        this.chats.push({ id: chat.id, client: null, group, session, messageIds: new Set() });
      });
  }

  /** Images that several chats may have: the same bytes are one file. */
  private async addFiles(): Promise<void> {
    const { media, database } = this.api;
    for (let size = 8; size < 11; size++) {
      const bytes = blackPng({ width: size, height: size });
      const file = await media.put(bytes, { companyId: this.id, mimeType: "image/png", fileName: null });
      const id = await database.withCompany(this.id, (unit) => unit.media.add(file));
      this.files.push({ id, chats: new Set() });
    }
  }
}

async function newKey(api: Api, { companyId, userId }: TestUser): Promise<Bearer> {
  const { secret, ...stored } = newApiKeySecret();
  await api.database.withCompany(companyId, ({ apiKeys }) =>
    apiKeys.create({ ...stored, userId, name: "CRM", scopes: ["read"], expiresAt: null }, 100),
  );
  return { Authorization: `Bearer ${secret}` };
}
