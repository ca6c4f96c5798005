import { expect } from "vitest";
import { type Api, eventsOf, newInbox, newUser, test } from "../support/api-test.ts";

async function twoClients(api: Api, companyId: string) {
  const one = await newInbox(api, companyId);
  const other = await api.database.withCompany(companyId, async (unit) => {
    const contact = { number: "5521977776666", lid: "88123456789012", name: "Bia", contactAt: new Date(2_000) };
    const { client } = await unit.clientResolver.touchFromMessage(contact);
    const waChatId = `${contact.number}@c.us`;
    const chat = await unit.chatRecorder.upsert({ sessionId: one.session.id, clientId: client.id, waChatId });
    return { client, chat };
  });
  return { one, other };
}

test("owners and admins merge two clients, undo it and split a client; all of it is audited", async ({ api }) => {
  const admin = await newUser(api, "admin");
  const { one, other } = await twoClients(api, admin.companyId);
  const post = (path: string, body: object = {}) => api.request.post(path).set(admin.bearer).send(body);
  const path = `/v1/clients/${one.client.id}`;

  const merged = await post(`${path}/merges`, { clientId: other.client.id }).expect(201);
  expect(merged.body).toMatchObject({ id: one.client.id, merges: [{ name: "Bia", whatsappNumber: "5521977776666" }] });
  await api.request.get(`/v1/clients/${other.client.id}`).set(admin.bearer).expect(404);
  await post(`${path}/merges`, { clientId: other.client.id }).expect(404);
  await post(`${path}/merges`, { clientId: one.client.id }).expect(409);

  const [{ id: mergeId }] = merged.body.merges;
  const restored = await post(`${path}/merges/${mergeId}/undo`).expect(200);
  expect(restored.body).toMatchObject({ merges: [] });
  await api.request.get(`/v1/clients/${other.client.id}`).set(admin.bearer).expect(200);
  await post(`${path}/merges/${mergeId}/undo`).expect(409);

  const { body: details } = await api.request.get(`/v1/clients/${other.client.id}`).set(admin.bearer).expect(200);
  const hidden = details.addresses.find(({ number }: { number: string | null }) => number === null);
  expect(JSON.stringify(details)).not.toContain("88123456789012");
  const splits = `/v1/clients/${other.client.id}/splits`;
  const split = await post(splits, { addressIds: [hidden.id], name: "Outra" }).expect(201);
  expect(split.body).toMatchObject({ name: "Outra", whatsappNumber: null, addresses: [{ number: null }] });
  await post(splits, { addressIds: [hidden.id] }).expect(409);

  const log = await api.request.get("/v1/audit").set(admin.bearer).expect(200);
  const entries = log.body.items.filter(({ target }: { target?: { kind: string } }) => target?.kind === "client");
  expect(entries.map(({ action }: { action: string }) => action)).toEqual([
    "client_split",
    "client_merge_undone",
    "clients_merged",
  ]);
  const updates = (await eventsOf(api, admin.companyId)).filter(({ type }) => type === "chat_update");
  expect(updates.map(({ data }) => data)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ Id: other.chat.id, Merged_Into: one.chat.id }),
      expect.objectContaining({ Id: one.chat.id, Messages_Moved: true }),
      expect.objectContaining({ Id: other.chat.id, Messages_Moved: true }),
    ]),
  );
});

test("agents and other companies can neither merge nor split clients", async ({ api }) => {
  const owner = await newUser(api, "owner");
  const agent = await newUser(api, "agent", owner.companyId);
  const stranger = await newUser(api, "owner");
  const { one, other } = await twoClients(api, owner.companyId);
  const path = `/v1/clients/${one.client.id}`;
  for (const [user, status] of [
    [agent, 403],
    [stranger, 404],
  ] as const) {
    const post = (end: string, body: object) => api.request.post(`${path}${end}`).set(user.bearer).send(body);
    await post("/merges", { clientId: other.client.id }).expect(status);
    await post(`/merges/${one.client.id}/undo`, {}).expect(status);
    await post("/splits", { addressIds: ["0".repeat(32)] }).expect(status);
  }
});

test("owners and admins erase a client after typing its name; the audit log does not repeat it", async ({ api }) => {
  const admin = await newUser(api, "admin");
  const agent = await newUser(api, "agent", admin.companyId);
  const { client } = await newInbox(api, admin.companyId, "Xilofone");
  const erase = (name: string, user = admin) =>
    api.request.post(`/v1/clients/${client.id}/erasure`).set(user.bearer).send({ name });
  await erase("Xilofone", agent).expect(403);
  await erase("xilofone").expect(422);
  await erase("Xilofone").expect(202);
  await api.request.get(`/v1/clients/${client.id}`).set(admin.bearer).expect(404);
  await erase("Xilofone").expect(404);
  const { body } = await api.request.get("/v1/audit").set(admin.bearer).expect(200);
  expect(body.items[0]).toMatchObject({
    action: "client_erasure_requested",
    target: { kind: "client", id: client.id },
  });
  expect(JSON.stringify(body)).not.toContain("Xilofone");
});
