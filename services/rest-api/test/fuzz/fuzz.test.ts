import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import { queues, type RouteDefinition, type RouteName, routes } from "@syszap/contracts";
import fc from "fast-check";
import { expect, onTestFinished } from "vitest";
import { createFirstOperator } from "../../src/auth/first-operator.ts";
import { OperatorAccounts } from "../../src/operator/operator-accounts.ts";
import { startServer } from "../../src/server.ts";
import { type Api, newInbox, newUser, test } from "../support/api-test.ts";
import { eachParameterOf, type FuzzRequest, type KnownIds, knownPathOf, requestsOf } from "./request-generator.ts";

/** Random requests of each route. More find more; the default keeps the test short. */
const runs = Number(process.env.FUZZ_RUNS ?? 20);
/** A route that answers 503 this often is reported. */
const maxAttempts = 10;
const names = Object.keys(routes) as RouteName[];
/** Routes that remove things run last, so that the others find them. */
const inOrder = names.toSorted((a, b) => Number(routes[a].method === "delete") - Number(routes[b].method === "delete"));

async function prepare(api: Api): Promise<{ ids: KnownIds; user: string; operator: string }> {
  const owner = await newUser(api);
  const { companyId } = owner;
  const { userId: colleagueId } = await newUser(api, "agent", companyId);
  const { session, chat, client } = await newInbox(api, companyId);
  const post = async (path: string, body: object) => (await api.request.post(path).set(owner.bearer).send(body)).body;
  const webhook = await post("/v1/webhooks", { url: "https://erp.example.com/hook" });
  const { eventId } = await post(`/v1/webhooks/${webhook.id}/test`, {});
  const key = await post("/v1/api-keys", { name: "Robô", scopes: ["read"] });
  await post("/v1/consumers", { name: "robo" });
  const team = await post("/v1/teams", { name: "Vendas" });
  await api.database.system.deadLetters.add({
    companyId,
    queue: queues.inboundMessages,
    jobName: "message",
    jobId: randomUUID(),
    reason: "body: too long",
    payloadSummary: "{ body: text of 17 }",
    payload: "{}",
    attempts: 8,
    failedAt: new Date(),
  });
  const letters = await api.database.system.deadLetters.list({ limit: 1 });
  const message = await post(`/v1/chats/${chat.id}/messages`, { body: "Bom dia" });
  const file = await api.media.put(Buffer.from("%PDF-1.7"), { companyId, mimeType: "application/pdf", fileName: "a" });
  const media = await api.database.withCompany(companyId, (unit) => unit.media.add(file));
  const credentials = { OPERATOR_EMAIL: "op@example.com", OPERATOR_PASSWORD: "correct horse battery" };
  const { operators } = api.database.system;
  const log = { info: () => undefined, warn: () => undefined } as never;
  await createFirstOperator(credentials as never, { operators, passwords: api.passwords, log });
  const [other, colleague] = await Promise.all([
    api.database.system.companies.create({ name: "Loja da Ana" }),
    new OperatorAccounts({ operators: api.database.system.operators, passwords: api.passwords }).create({
      email: "colleague@example.com",
      name: "Olga",
    }),
  ]);
  const ids = {
    companies: other.id,
    operators: colleague.operator.id,
    sessions: session.id,
    chats: chat.id,
    clients: client.id,
    messages: message.id,
    media,
    users: colleagueId,
    webhooks: webhook.id,
    teams: team.id,
    ":eventId": eventId,
    ":name": "robo",
    "api-keys": key.id,
    "dead-letters": letters.items[0]?.id ?? "",
  };
  const login = { email: credentials.OPERATOR_EMAIL, password: credentials.OPERATOR_PASSWORD };
  const { body } = await api.request.post("/v1/operator/login").send(login).expect(200);
  return { ids, user: owner.bearer.Authorization, operator: `Bearer ${body.accessToken}` };
}

/** Returns a function that sends a request and resolves to the status. */
async function open(api: Api) {
  const { ids, user, operator } = await prepare(api);
  const server = await startServer(api.app, { host: "127.0.0.1", port: 0 });
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  onTestFinished(async () => {
    agent.destroy();
    await server.close();
  });
  const sendOnce = ({ name, path, headers, body }: FuzzRequest) =>
    new Promise<number>((resolve, reject) => {
      const { method, caller }: RouteDefinition = routes[name];
      const authorization = caller === "operator" ? operator : user;
      const type = name === "uploadMedia" ? "application/pdf" : "application/json";
      const all = { authorization, ...(body !== undefined && { "content-type": type }), ...headers };
      const sending = request({ port: server.port, host: "127.0.0.1", method, path, headers: all, agent }, (res) => {
        res.resume().once("close", () => resolve(res.statusCode ?? 0));
      });
      sending.once("error", reject).end(body);
    });
  /** Repeats a request while the API answers that Postgres is too busy, which is no error of the route. */
  const send = async (fuzzRequest: FuzzRequest) => {
    for (let attempt = 1; ; attempt += 1) {
      const status = await sendOnce(fuzzRequest);
      if (status !== 503 || attempt === maxAttempts) return status;
    }
  };
  return { ids, send };
}

/** One request for each parameter and value: minutes on a busy machine. */
const timeout = 3_600_000;

/** The rate limits would answer before the parameters are read. */
const resetRateLimits = (api: Api) => api.redis.flushdb();

test(
  "answers every query parameter and body field with every nasty value without an internal error",
  async ({ api }) => {
    const { ids, send } = await open(api);
    const failures: string[] = [];
    for (const name of names) {
      await resetRateLimits(api);
      const check = async (it: FuzzRequest) => {
        const status = await send(it);
        if (status >= 500) failures.push(`${status} ${name} ${it.path}`);
      };
      await Promise.all(eachParameterOf(name, ids).map(check));
    }
    expect(failures).toEqual([]);
    expect(api.logged.filter(({ msg }) => msg === "request failed")).toEqual([]);
  },
  timeout,
);

test(
  "answers random nasty requests of every route without an internal error",
  async ({ api }) => {
    const { ids, send } = await open(api);
    for (const name of inOrder) {
      await resetRateLimits(api);
      const property = fc.asyncProperty(requestsOf(name, ids), async (it) => {
        const status = await send(it);
        if (status >= 500) throw new Error(`${status}: ${JSON.stringify(api.logged.at(-1))}`);
      });
      await fc.assert(property, {
        numRuns: runs,
        ...(process.env.FUZZ_SEED && { seed: Number(process.env.FUZZ_SEED) }),
      });
    }
  },
  timeout,
);

test("refuses unknown query parameters of every route by name", async ({ api }) => {
  const { ids, send } = await open(api);
  for (const name of names) {
    await resetRateLimits(api);
    const route: RouteDefinition = routes[name];
    const path = `${knownPathOf(route, ids)}?unknown=1`;
    expect(await send({ name, path, headers: {}, body: route.body && "{}" }), name).toBe(422);
  }
  const { body } = await api.request.get("/health/live?limit=1&other=2").expect(422);
  expect(body.errors).toEqual([
    { path: "limit", message: "is not a query parameter of this endpoint" },
    { path: "other", message: "is not a query parameter of this endpoint" },
  ]);
});
