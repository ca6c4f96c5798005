import { TicketClaims } from "@syszap/contracts";
import { writeGatewayStats } from "@syszap/event-bus";
import { createLocalJWKSet, jwtVerify } from "jose";
import { expect } from "vitest";
import { eventsOf, newInbox, newPerson, test } from "../support/api-test.ts";

test("a ticket says whose it is, opens one connection, and ends with the access token", async ({ api }) => {
  const person = await newPerson(api, "agent");
  const { body } = await api.request.post("/v1/realtime/ticket").set(person.bearer).expect(200);
  const keys = createLocalJWKSet(api.tokens.keySet);
  const { payload } = await jwtVerify(body.ticket, keys, { issuer: "syszap", audience: "syszap-realtime" });
  const claims = TicketClaims.parse(payload);
  const { userId: sub, companyId: cid, loginId: lid } = person;
  expect(claims).toMatchObject({ sub, cid, lid, role: "agent" });
  expect(claims.exp - (payload.iat ?? 0)).toBe(30);
  expect(claims.ate - (payload.iat ?? 0)).toBeGreaterThan(590);
  expect(new Date(body.expiresAt).getTime()).toBe(claims.exp * 1_000);
  const other = await api.request.post("/v1/realtime/ticket").set(person.bearer).expect(200);
  expect(other.body.ticket).not.toBe(body.ticket);
});

test("the cursor of a ticket is the place before whatever happens after", async ({ api }) => {
  const person = await newPerson(api);
  const { chat } = await newInbox(api, person.companyId);
  const before = await api.request.post("/v1/realtime/ticket").set(person.bearer).expect(200);
  expect(before.body.cursor).toMatch(/^0\.[0-9a-f]{16}$/);
  await api.request.post(`/v1/chats/${chat.id}/read`).set(person.bearer).expect(200);
  const after = await api.request.post("/v1/realtime/ticket").set(person.bearer).expect(200);
  const [event] = await eventsOf(api, person.companyId);
  expect(event).toMatchObject({ seq: 1, cursor: after.body.cursor });
});

test("a page that takes tickets without end has to wait", async ({ api }) => {
  const person = await newPerson(api);
  const take = () => api.request.post("/v1/realtime/ticket").set(person.bearer);
  await Promise.all(Array.from({ length: 120 }, () => take().expect(200)));
  const { headers } = await take().expect(429);
  expect(Number(headers["retry-after"])).toBeGreaterThan(0);
  const colleague = await newPerson(api, "agent", person.companyId);
  await api.request.post("/v1/realtime/ticket").set(colleague.bearer).expect(200);
});

test("statistics show the caller's company, over all gateways", async ({ api }) => {
  const [person, stranger] = [await newPerson(api), await newPerson(api)];
  const connection = ({ companyId, userId }: typeof person, id: string) => ({
    ...{ id, companyId, userId, connected: new Date().toISOString() },
  });
  const [mine, alsoMine, theirs] = [connection(person, "a"), connection(person, "b"), connection(stranger, "c")];
  await writeGatewayStats(
    api.redis,
    "gateway-1",
    new Map([
      [person.companyId, { total: 1, connections: [mine] }],
      [stranger.companyId, { total: 1, connections: [theirs] }],
    ]),
  );
  const share = new Map([[person.companyId, { total: 3, connections: [alsoMine] }]]);
  await writeGatewayStats(api.redis, "gateway-2", share);
  const { body } = await api.request.get("/v1/realtime/stats").set(person.bearer).expect(200);
  expect(body.totalConnections).toBe(4);
  expect(body.connections).toHaveLength(2);
  expect(body.connections).toEqual(expect.arrayContaining([mine, alsoMine]));
});
