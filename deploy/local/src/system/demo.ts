import { hash } from "@node-rs/argon2";
import type { EngineName, Role, Session } from "@syszap/contracts";
import { connectDatabase, type Database } from "@syszap/database";
import { seedConversations } from "./demo-conversations.ts";

/** A well-known password is acceptable because every local service listens on the loopback interface only. */
export const demoPassword = "syszap-demo";
export const demoLogins: readonly { email: string; name: string; role: Role }[] = [
  { email: "ana@demo.syszap.dev", name: "Ana Souza", role: "owner" },
  { email: "bruno@demo.syszap.dev", name: "Bruno Lima", role: "admin" },
  { email: "carla@demo.syszap.dev", name: "Carla Nunes", role: "agent" },
];
/** Platform operator, without a company. Signs in at the page `/operator`. */
export const demoOperator = { email: "operador@demo.syszap.dev", name: "Olga Dias" };

interface DemoOptions {
  /** Engine of the session for trying the QR code. */
  engine: EngineName;
  /** Whether customers have written already. */
  hasTraffic: boolean;
}

/**
 * Seeds an empty database with a company: its people in two teams, a linked simulated phone for each team, conversations that several
 * people answered, and a third session for trying the QR code.
 */
export async function seedDemo(urls: { appUrl: string; systemUrl: string }, options: DemoOptions): Promise<void> {
  // No service runs yet, so there is nobody to publish events to.
  const database = connectDatabase({ ...urls, publish: async () => undefined });
  try {
    await database.system.operators.createFirst({ ...demoOperator, passwordHash: await hash(demoPassword) });
    if ((await database.system.companies.list()).length === 0) await seed(database, options);
  } finally {
    await database.close();
  }
}

async function seed(database: Database, { engine, hasTraffic }: DemoOptions): Promise<void> {
  const company = await database.system.companies.create({ name: "Loja da Ana" });
  const passwordHash = await hash(demoPassword);
  const users: Named[] = [];
  for (const login of demoLogins) {
    const { userId } = await database.system.logins.createUser({ companyId: company.id, ...login, passwordHash });
    users.push({ id: userId, name: login.name });
  }
  const linked: Session[] = [];
  for (const name of ["Loja 1", "Loja 2"]) {
    const session = await addSession(database, company.id, { name, engine: "simulator" });
    await database.withCompany(company.id, ({ sessions }) => sessions.setDesiredState(session.id, "running"));
    linked.push(session);
  }
  await addTeams(database, company.id, { sessions: linked, users });
  await addSession(database, company.id, { name: "Loja 3", engine });
  if (hasTraffic) await seedConversations(database, { id: company.id, sessions: linked, users });
}

/** Members of the team of each linked session, by first name. */
const demoTeams = [
  { name: "Balcão", members: ["Ana", "Bruno"] },
  { name: "Entregas", members: ["Carla"] },
] as const;

interface Named {
  id: string;
  name: string;
}

function addTeams(
  database: Database,
  companyId: string,
  { sessions, users }: { sessions: readonly Named[]; users: readonly Named[] },
): Promise<void> {
  return database.withReachChange(companyId, async ({ teams }) => {
    for (const [index, { name, members }] of demoTeams.entries()) {
      const team = await teams.create(name, demoTeams.length);
      const session = sessions[index];
      if (typeof team === "string" || !session) throw new Error(`the demo team ${name} could not be created`);
      const memberIds = users.filter((user) => members.some((member) => user.name.startsWith(member)));
      await teams.setMembers(
        team.id,
        memberIds.map(({ id }) => id),
      );
      await teams.setOfSession(session.id, [team.id]);
    }
  });
}

/** Uses one transaction per session, because pages sort sessions by creation time, which is the transaction's time. */
const addSession = (database: Database, companyId: string, session: { name: string; engine: EngineName }) =>
  database.withCompany(companyId, ({ sessions }) => sessions.create(session));
