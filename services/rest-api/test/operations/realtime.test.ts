import { TicketClaims } from "@syszap/contracts";
import { writeGatewayStats } from "@syszap/event-bus";
import { createLocalJWKSet, jwtVerify } from "jose";
import { expect } from "vitest";
import { eventsOf, newInbox, newUser, test } from "../support/api-test.ts";

test("issues a ticket with the user's claims that expires with the access token", async ({ api }) => {
  const user = await newUser(api, "agent");
  const { body } = await api.request.post("/v1/realtime/ticket").set(user.bearer).expect(200);
  const keys = createLocalJWKSet(api.tokens.keySet);
  const { payload } = await jwtVerify(body.ticket, keys, { issuer: "syszap", audience: "syszap-realtime" });
  const claims = TicketClaims.parse(payload);
  const { userId: sub, companyId: cid, loginId: lid } = user;
  expect(claims).toMatchObject({ sub, cid, lid, role: "agent" });
  expect(claims.exp - (payload.iat ?? 0)).toBe(30);
  expect(claims.ate - (payload.iat ?? 0)).toBeGreaterThan(590);
  expect(new Date(body.expiresAt).getTime()).toBe(claims.exp * 1_000);
  const other = await api.request.post("/v1/realtime/ticket").set(user.bearer).expect(200);
  expect(other.body.ticket).not.toBe(body.ticket);
});

test("returns a cursor before all later events with the ticket", async ({ api }) => {
  const user = await newUser(api);
  const { chat } = await newInbox(api, user.companyId);
  const before = await api.request.post("/v1/realtime/ticket").set(user.bearer).expect(200);
  expect(before.body.cursor).toMatch(/^0\.[0-9a-f]{16}$/);
  await api.request.post(`/v1/chats/${chat.id}/read`).set(user.bearer).expect(200);
  const after = await api.request.post("/v1/realtime/ticket").set(user.bearer).expect(200);
  const [event] = await eventsOf(api, user.companyId);
  expect(event).toMatchObject({ seq: 1, cursor: after.body.cursor });
});

test("limits the rate of tickets", async ({ api }) => {
  const user = await newUser(api);
  const take = () => api.request.post("/v1/realtime/ticket").set(user.bearer);
  await Promise.all(Array.from({ length: 120 }, () => take().expect(200)));
  const { headers } = await take().expect(429);
  expect(Number(headers["retry-after"])).toBeGreaterThan(0);
  const colleague = await newUser(api, "agent", user.companyId);
  await api.request.post("/v1/realtime/ticket").set(colleague.bearer).expect(200);
});

test("returns statistics of the caller's company over all gateways", async ({ api }) => {
  const [user, stranger] = [await newUser(api), await newUser(api)];
  const connection = ({ companyId, userId }: typeof user, id: string) => ({
    id,
    companyId,
    userId,
    connected: new Date().toISOString(),
  });
  const [mine, alsoMine, theirs] = [connection(user, "a"), connection(user, "b"), connection(stranger, "c")];
  await writeGatewayStats(
    api.redis,
    "gateway-1",
    new Map([
      [user.companyId, { total: 1, connections: [mine] }],
      [stranger.companyId, { total: 1, connections: [theirs] }],
    ]),
  );
  const share = new Map([[user.companyId, { total: 3, connections: [alsoMine] }]]);
  await writeGatewayStats(api.redis, "gateway-2", share);
  const { body } = await api.request.get("/v1/realtime/stats").set(user.bearer).expect(200);
  expect(body.totalConnections).toBe(4);
  expect(body.connections).toHaveLength(2);
  expect(body.connections).toEqual(expect.arrayContaining([mine, alsoMine]));
});
