import { closeCodes, PlatformCompany } from "@syszap/contracts";
import { connectDatabase, type Database } from "@syszap/database";
import { expect, inject, onTestFinished } from "vitest";
import { browserTest } from "../../src/browser-test.ts";
import { addCompany, Company, commandPhone, newNumber, sentBy, signInOperator } from "../../src/company.ts";

/** The product's database. Its events are not published, like those of a process that is killed at the commit. */
function openDatabase(): Database {
  const { appDatabaseUrl: appUrl, systemDatabaseUrl: systemUrl } = inject("run");
  const database = connectDatabase({
    appUrl,
    systemUrl,
    maxConnections: 2,
    publish: () => Promise.reject(new Error()),
  });
  onTestFinished(() => database.close());
  return database;
}

async function callOperator(token: string, method: string, path: string): Promise<PlatformCompany> {
  const answer = await fetch(`${inject("run").url}/v1/operator/companies/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
  });
  return PlatformCompany.parse(await answer.json());
}

const untilConnectedSessions = (token: string, companyId: string, count: number) =>
  expect
    .poll(async () => (await callOperator(token, "GET", companyId)).connectedSessions, {
      interval: 20,
      timeout: 120_000,
    })
    .toBe(count);

/** A message in and a message out of another company, through the same connector and workers. */
async function roundTrip(company: Company, sessionId: string): Promise<void> {
  const from = newNumber();
  const { data } = await company.receive(sessionId, { from, name: "Cliente", body: `oi de ${from}` });
  const isSent = company.next(({ type, data: { Status } }) => type === "message_status" && Status === "read");
  await company.request("POST", `/v1/chats/${data.Chat_Id}/messages`, { body: `olá ${from}` });
  await isSent;
}

browserTest(
  "a suspended company is signed out, its sessions stop, nothing goes in or out, and reopening continues",
  async ({ inbox, company: other }) => {
    const database = openDatabase();
    const login = await addCompany();
    const company = await Company.signIn(login);
    const { companyId, userId } = company.me;
    const session = await company.linkedSession("Loja");
    const customer = newNumber();
    const { data } = await company.receive(session.id, { from: customer, name: "Rui", body: "bom dia" });
    await inbox.logIn(login);
    await inbox.chat(data.Chat_Id).waitFor();
    const otherSession = await other.linkedSession("Loja da outra empresa");
    const operator = await signInOperator();
    await untilConnectedSessions(operator, companyId, 1);

    const startedAt = performance.now();
    const passed = () => `${(performance.now() - startedAt).toFixed(0)} ms`;
    const isClosed = company.closed.then((code) => ({ code, after: passed() }));
    const hasStopped = untilConnectedSessions(operator, companyId, 0).then(passed);
    await callOperator(operator, "POST", `${companyId}/suspend`);
    const { code, after } = await isClosed;
    process.stdout.write(`a suspension closed the socket after ${after}, the session after ${await hasStopped}\n`);
    expect(code).toBe(closeCodes.forbidden);
    await inbox.byId("login-submit").waitFor();
    // A server may remember for half a second that a login is active.
    const request = () => company.request("GET", "/v1/chats").then(() => "answered", String);
    await expect.poll(request, { timeout: 120_000 }).toContain("answered 401");
    await expect(Company.signIn(login)).rejects.toThrow("answered 403");

    await expect(commandPhone(session.id, "message", { from: customer, body: "alguém aí?" })).rejects.toThrow(
      "No simulated phone runs",
    );
    // Like a request that was admitted just before the suspension.
    const chatId = String(data.Chat_Id);
    const queued = await database.withCompany(companyId, ({ outboundQueue }) =>
      outboundQueue.add({ chatId, body: "já vou", userId }),
    );
    const id = queued?.message.id ?? "";
    await roundTrip(other, otherSession.id);
    const statusOf = () => database.withCompany(companyId, async ({ messages }) => (await messages.find(id))?.status);
    expect(await statusOf()).toBe("queued");
    expect((await callOperator(operator, "GET", companyId)).connectedSessions).toBe(0);

    await callOperator(operator, "POST", `${companyId}/reopen`);
    await untilConnectedSessions(operator, companyId, 1);
    await expect.poll(() => sentBy(session.id), { timeout: 120_000 }).toEqual(["já vou"]);
    const again = await Company.signIn(login);
    await again.receive(session.id, { from: customer, name: "Rui", body: "oi de novo" });
    await inbox.logIn(login);
    await inbox.chat(chatId).filter({ hasText: "oi de novo" }).waitFor();
    again.close();
  },
);
