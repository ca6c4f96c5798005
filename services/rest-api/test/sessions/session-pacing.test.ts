import { expect } from "vitest";
import { newInbox, newUser, test } from "../support/api-test.ts";

test("returns the budgets of a session, their use and the cause of a delay", async ({ api }) => {
  const user = await newUser(api, "agent");
  const { companyId, userId } = user;
  const { session, chat } = await newInbox(api, companyId);
  const path = `/v1/sessions/${session.id}/pacing`;
  const { body: unused } = await api.request.get(path).set(user.bearer).expect(200);
  expect(unused).toMatchObject({ sessionId: session.id, state: "ok", cause: null, waiting: 0, hourly: { used: 0 } });

  await api.database.withCompany(companyId, ({ sessions }) => sessions.setDesiredState(session.id, "running"));
  const [lease] = await api.database.system.leases.claim({ connectorId: "a", limit: 1, holding: [] });
  await api.database.withCompany(companyId, async ({ outboundQueue, pacing }) => {
    await outboundQueue.add({ chatId: chat.id, body: "um", userId });
    await outboundQueue.add({ chatId: chat.id, body: "dois", userId });
    const by = { sessionId: session.id, generation: lease?.generation ?? 0 };
    await pacing.checkRoom(by, { perHour: 1, coldPerDay: 3 });
    const message = await outboundQueue.claimNext(by);
    if (message) await pacing.recordAttempt(message, 0);
  });
  const { body } = await api.request.get(path).set(user.bearer).expect(200);
  expect(body).toMatchObject({
    state: "exhausted",
    cause: "hourly_budget",
    waiting: 2,
    hourly: { limit: 1, used: 1, remaining: 0 },
    cold: { limit: 3, used: 0, remaining: 3, resetsAt: null },
    breaker: { state: "closed", failures: 0, retryAt: null, reason: null },
  });
  expect(body.resetsAt).toBe(body.hourly.resetsAt);
  expect(body.nextAllowedAt).toBe(body.hourly.resetsAt);
  expect(Date.parse(body.resetsAt) - Date.now()).toBeGreaterThan(59 * 60_000);
});

test("answers 404 for the pacing of another company's session", async ({ api }) => {
  const [mine, theirs] = [await newUser(api), await newUser(api)];
  const { session } = await newInbox(api, theirs.companyId);
  await api.request.get(`/v1/sessions/${session.id}/pacing`).set(mine.bearer).expect(404);
});
