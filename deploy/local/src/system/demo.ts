import { hash } from "@node-rs/argon2";
import type { EngineName, Role } from "@syszap/contracts";
import { connectDatabase, type Database } from "@syszap/database";

/** A well-known password is acceptable because every local service listens on the loopback interface only. */
export const demoPassword = "syszap-demo";
export const demoLogins: readonly { email: string; name: string; role: Role }[] = [
  { email: "ana@demo.syszap.dev", name: "Ana Souza", role: "owner" },
  { email: "bruno@demo.syszap.dev", name: "Bruno Lima", role: "admin" },
  { email: "carla@demo.syszap.dev", name: "Carla Nunes", role: "agent" },
];
/** Platform operator, without a company. Signs in at `POST /v1/operator/login`. */
export const demoOperator = { email: "operador@demo.syszap.dev", name: "Olga Dias" };

/** Seeds an empty database with a company: users, a linked simulated phone, and a second session for trying the QR code. */
export async function seedDemo(urls: { appUrl: string; systemUrl: string }, engine: EngineName): Promise<void> {
  // No service runs yet, so there is nobody to publish events to.
  const database = connectDatabase({ ...urls, publish: async () => undefined });
  try {
    await database.system.operators.createFirst({ ...demoOperator, passwordHash: await hash(demoPassword) });
    if ((await database.system.companies.list()).length === 0) await seed(database, engine);
  } finally {
    await database.close();
  }
}

async function seed(database: Database, engine: EngineName): Promise<void> {
  const company = await database.system.companies.create({ name: "Loja da Ana" });
  const passwordHash = await hash(demoPassword);
  for (const login of demoLogins) {
    await database.system.logins.createUser({ companyId: company.id, ...login, passwordHash });
  }
  const linked = await addSession(database, company.id, { name: "Loja 1", engine: "simulator" });
  await database.withCompany(company.id, ({ sessions }) => sessions.setDesiredState(linked.id, "running"));
  await addSession(database, company.id, { name: "Loja 2", engine });
}

/** Uses one transaction per session, because pages sort sessions by creation time, which is the transaction's time. */
const addSession = (database: Database, companyId: string, session: { name: string; engine: EngineName }) =>
  database.withCompany(companyId, ({ sessions }) => sessions.create(session));
