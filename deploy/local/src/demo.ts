import { hash } from "@node-rs/argon2";
import type { EngineName, Role } from "@syszap/contracts";
import { connectDatabase, type Database } from "@syszap/database";

/** Everything listens on this machine only, so its password may be one that a person remembers. */
export const demoPassword = "syszap-demo";
export const demoLogins: readonly { email: string; name: string; role: Role }[] = [
  { email: "ana@demo.syszap.dev", name: "Ana Souza", role: "owner" },
  { email: "bruno@demo.syszap.dev", name: "Bruno Lima", role: "admin" },
  { email: "carla@demo.syszap.dev", name: "Carla Nunes", role: "agent" },
];
/** Runs the platform and belongs to no company: signs in at `/v1/operator/login`. */
export const demoOperator = { email: "operador@demo.syszap.dev", name: "Olga Dias" };

/** Gives an empty database one company: people, a simulated phone that links itself, and one to try the QR code with. */
export async function seedDemo(urls: { appUrl: string; systemUrl: string }, engine: EngineName): Promise<void> {
  // No service runs yet and nothing is emitted, so nobody has to be told.
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

/** In a transaction of its own: pages show sessions in the order of their creation. */
const addSession = (database: Database, companyId: string, session: { name: string; engine: EngineName }) =>
  database.withCompany(companyId, ({ sessions }) => sessions.create(session));
