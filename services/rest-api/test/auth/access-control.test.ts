import { randomUUID } from "node:crypto";
import { type RouteDefinition, type RouteName, routes, tokenAudience, tokenIssuer } from "@syszap/contracts";
import { SignJWT } from "jose";
import { expect } from "vitest";
import { Tokens } from "../../src/auth/tokens.ts";
import { type Api, newInbox, newSigningKey, newUser, type TestUser, test } from "../support/api-test.ts";

const all = Object.entries(routes) as [RouteName, RouteDefinition][];
const guarded = all.filter(([, { caller }]) => caller === "member" || caller === "manager");
const forManagers = all.filter(([, { caller }]) => caller === "manager");

/** Valid bodies for the endpoints that need one, so that only missing permission can cause a rejection. */
const bodies: { [Name in RouteName]?: object } = {
  createSession: { name: "Vendas" },
  sendMessage: { body: "Olá" },
  typeInChat: { state: "composing" },
  discardDeadLetter: { note: "nossa" },
  updateUser: { name: "Ana" },
  updateWebhook: { description: "nosso" },
  acknowledgeConsumerEvents: { cursor: "00000000.0" },
  seekConsumer: { cursor: "00000000.0" },
  createTeam: { name: "Vendas" },
  updateTeam: { name: "Vendas" },
  changeTeamMembers: { add: [] },
  changeSessionTeams: { add: [] },
  updateCompanySettings: {},
  setSessionGroups: { enabled: true },
  setChatNotices: { notifyAll: true },
  setSessionProxy: { scheme: "http", host: "proxy.example.com", port: 3128 },
  eraseClient: { name: "João" },
  mergeClients: { clientId: randomUUID() },
  splitClient: { addressIds: ["0".repeat(32)] },
};
function call(api: Api, [name, route]: [RouteName, RouteDefinition], id: string, headers: Record<string, string> = {}) {
  const request = api.request[route.method](route.path.replaceAll(/:\w+/g, id)).set(headers);
  return bodies[name] ? request.send(bodies[name]) : request;
}

test("answers 401 on every guarded endpoint without a token", async ({ api }) => {
  for (const route of guarded) {
    const { status, body, headers } = await call(api, route, randomUUID());
    expect({ route: route[0], status, type: body.type }).toEqual({
      route: route[0],
      status: 401,
      type: "/problems/unauthenticated",
    });
    expect(headers["www-authenticate"]).toBe("Bearer");
  }
});

test("rejects foreign, tampered and misused tokens on every endpoint", async ({ api }) => {
  const user = await newUser(api);
  for (const [kind, Authorization] of Object.entries(await badTokens(api, user)))
    for (const route of guarded) {
      const { status } = await call(api, route, randomUUID(), { Authorization });
      expect({ kind, route: route[0], status }).toEqual({ kind, route: route[0], status: 401 });
    }
});

async function badTokens(api: Api, user: TestUser): Promise<Record<string, string>> {
  const claims = { sub: user.userId, cid: user.companyId, lid: user.loginId, role: user.role };
  const foreign = await Tokens.from([await newSigningKey()]);
  const key = await newSigningKey();
  const mine = user.bearer.Authorization;
  const [head, payload, signature] = mine.split(".");
  const asOwner = Buffer.from(JSON.stringify({ ...claims, cid: randomUUID(), exp: 9_999_999_999 })).toString(
    "base64url",
  );
  const hs256 = new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).setIssuer(tokenIssuer);
  return {
    "signed by another key": `Bearer ${await foreign.issueAccess(user)}`,
    "signed with the public key as a secret": `Bearer ${await hs256
      .setAudience(tokenAudience.access)
      .setExpirationTime("1h")
      .sign(Buffer.from(key.x))}`,
    "not signed": `Bearer ${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`,
    "another company written into it": `${head}.${asOwner}.${signature}`,
    "a ticket": `Bearer ${(await api.tokens.issueTicket({ ...claims, exp: Date.now() / 1_000 + 60 })).ticket}`,
    "no token": "Bearer nonsense",
    "another scheme": mine.replace("Bearer", "Basic"),
    nothing: "Bearer ",
  };
}

test("rejects an expired token", async ({ api, onTestFinished }) => {
  const { vi } = await import("vitest");
  onTestFinished(() => void vi.useRealTimers());
  const user = await newUser(api);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10 * 60 * 1_000 + 1_000 });
  const { body } = await api.request.get("/v1/sessions").set(user.bearer).expect(401);
  expect(body.detail).toContain("expired");
});

test("allows agents everything except the manager endpoints", async ({ api }) => {
  const agent = await newUser(api, "agent");
  const { session } = await newInbox(api, agent.companyId);
  for (const route of guarded) {
    const { status } = await call(api, route, session.id, agent.bearer);
    expect({ route: route[0], isForbidden: status === 403 }).toEqual({
      route: route[0],
      isForbidden: forManagers.includes(route),
    });
  }
  expect(forManagers.map(([name]) => name)).toContain("getSessionQr");
});

test("allows owners and admins on the manager endpoints", async ({ api }) => {
  for (const role of ["owner", "admin"] as const) {
    const manager = await newUser(api, role);
    await api.request.post("/v1/sessions").set(manager.bearer).send({ name: "Vendas" }).expect(201);
  }
});

test("answers ids of another company like unknown ids on every endpoint", async ({ api }) => {
  const [owner, stranger] = [await newUser(api), await newUser(api)];
  const { session, client, chat } = await newInbox(api, owner.companyId);
  const file = await api.media.put(Buffer.from("x"), { companyId: owner.companyId, mimeType: "a/b", fileName: null });
  const mediaId = await api.database.withCompany(owner.companyId, ({ media }) => media.add(file));
  const ids = { Session: session.id, Client: client.id, Chat: chat.id, Media: mediaId, User: owner.userId };
  const withId = guarded.filter(([, { params }]) => params);
  expect(withId.length).toBeGreaterThan(10);
  for (const route of withId)
    for (const [kind, id] of Object.entries({ ...ids, Nobody: randomUUID() })) {
      const { status, body } = await call(api, route, id, stranger.bearer);
      expect({ route: route[0], kind, status, type: body.type }).toEqual({
        route: route[0],
        kind,
        status: 404,
        type: "/problems/not-found",
      });
    }
  // The rejected requests changed nothing.
  const { body: unchanged } = await api.request.get(`/v1/sessions/${session.id}`).set(owner.bearer).expect(200);
  expect(unchanged).toMatchObject(session);
  const { body } = await api.request.get(`/v1/chats/${chat.id}/messages`).set(owner.bearer).expect(200);
  expect(body.items).toHaveLength(1);
});

test("refuses company ids in queries, ignores them in bodies and lists only the caller's company", async ({ api }) => {
  const [owner, stranger] = [await newUser(api), await newUser(api)];
  await newInbox(api, owner.companyId);
  for (const path of ["/v1/sessions", "/v1/clients", "/v1/chats"]) {
    const query = { companyId: owner.companyId, company_id: owner.companyId };
    await api.request.get(path).query(query).set(stranger.bearer).expect(422);
    const { body } = await api.request.get(path).set(stranger.bearer).expect(200);
    expect(body).toEqual({ items: [], next: null });
  }
  const created = await api.request
    .post("/v1/sessions")
    .set(stranger.bearer)
    .send({ name: "Minha", companyId: owner.companyId })
    .expect(201);
  await api.request.get(`/v1/sessions/${created.body.id}`).set(owner.bearer).expect(404);
});
