import { expect } from "vitest";
import { newUser, test } from "../support/api-test.ts";

test("managers set how long data is kept, and the audit log has the change", async ({ api }) => {
  const admin = await newUser(api, "admin");
  const agent = await newUser(api, "agent", admin.companyId);
  const set = (body: object, user = admin) => api.request.patch("/v1/company").set(user.bearer).send(body);
  const { body: before } = await api.request.get("/v1/company").set(agent.bearer).expect(200);
  expect(before).toMatchObject({ keepMessagesDays: null, keepFilesDays: null, keepAuditDays: null });
  await set({ keepMessagesDays: 365 }, agent).expect(403);
  const { body } = await set({ keepMessagesDays: 365, keepFilesDays: 90 }).expect(200);
  expect(body).toMatchObject({ keepMessagesDays: 365, keepFilesDays: 90, keepAuditDays: null });
  await set({ keepMessagesDays: null }).expect(200);
  const { body: after } = await set({ keepAuditDays: 30 }).expect(200);
  expect(after).toMatchObject({ keepMessagesDays: null, keepFilesDays: 90, keepAuditDays: 30 });
  const { body: audit } = await api.request.get("/v1/audit").set(admin.bearer).expect(200);
  expect(audit.items.map(({ after }: { after: object }) => after)).toEqual([
    { keepAuditDays: 30 },
    { keepMessagesDays: null },
    { keepMessagesDays: 365, keepFilesDays: 90 },
  ]);
});

test("a time that would delete almost everything is refused", async ({ api }) => {
  const owner = await newUser(api);
  for (const days of [0, 6, -1, 1.5, "30", 36_501])
    await api.request.patch("/v1/company").set(owner.bearer).send({ keepMessagesDays: days }).expect(422);
});
