import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { tokenAudience, tokenIssuer } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { importJWK, type JWK, SignJWT } from "jose";

/** A company with a linked phone, one chat and some users. */
export interface PollingTenant {
  companyId: string;
  sessionId: string;
  userIds: string[];
}

const [pollIntervalMs, deadlineMs] = [100, 300_000];
const tokenSeconds = 600;

/** Creates a company whose session is to run. */
export async function createTenant(database: Database, users: number): Promise<PollingTenant> {
  const { id: companyId } = await database.system.companies.create({ name: "Bench" });
  const userIds: string[] = [];
  while (userIds.length < users) {
    const email = `${randomUUID()}@example.com`;
    const { userId } = await database.system.logins.createUser({
      ...{ companyId, email, name: "Ana", role: "owner", passwordHash: "none" },
    });
    userIds.push(userId);
  }
  const sessionId = await database.withCompany(companyId, async ({ sessions }) => {
    const { id } = await sessions.create({ name: "Bench", engine: "simulator" });
    await sessions.setDesiredState(id, "running");
    return id;
  });
  return { companyId, sessionId, userIds };
}

/** Resolves when the phone of the company is linked. */
export async function untilLinked(database: Database, { companyId, sessionId }: PollingTenant): Promise<void> {
  await poll("linked phone", async () => {
    const session = await database.withCompany(companyId, ({ sessions }) => sessions.find(sessionId));
    return session?.detail === "connected" || undefined;
  });
}

/** Resolves with the company's only chat when it exists. */
export function untilChat(database: Database, { companyId }: PollingTenant): Promise<string> {
  return poll("chat", async () => {
    const { items } = await database.withCompany(companyId, ({ chats }) => chats.list({ limit: 1 }));
    return items[0]?.id;
  });
}

async function poll<Result>(name: string, read: () => Promise<Result | undefined>): Promise<Result> {
  for (const startedAt = Date.now(); Date.now() - startedAt < deadlineMs; await delay(pollIntervalMs)) {
    const found = await read();
    if (found !== undefined) return found;
  }
  throw new Error(`A company had no ${name} in time.`);
}

/** Signs access tokens as the REST API does, because a thousand logins would take a minute of CPU. */
export async function signAccessToken(key: JWK, companyId: string, userId: string): Promise<string> {
  return new SignJWT({ cid: companyId, lid: randomUUID(), role: "owner" })
    .setProtectedHeader({ alg: "EdDSA", kid: key.kid ?? "", typ: "JWT" })
    .setSubject(userId)
    .setIssuer(tokenIssuer)
    .setAudience(tokenAudience.access)
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1_000) + tokenSeconds)
    .sign(await importJWK(key, "EdDSA"));
}

export const newKeyId = () => randomBytes(8).toString("hex");
