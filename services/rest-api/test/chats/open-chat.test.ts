import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { eventsOf, newInbox, newUser, test } from "../support/api-test.ts";

test("opens a chat with a number that stays hidden until the first message", async ({ api }) => {
  const user = await newUser(api, "agent");
  const { session, chat } = await newInbox(api, user.companyId);
  const open = (body: object) => api.request.post("/v1/chats").set(user.bearer).send(body);
  const body = { sessionId: session.id, number: "5521977776666", name: "Bia" };
  const opened = await open(body).expect(200);
  expect(opened.body).toMatchObject({ waChatId: "5521977776666@c.us", client: { name: "Bia" }, lastMessage: null });
  expect((await open({ ...body, name: "Outra" }).expect(200)).body).toEqual(opened.body);
  const known = await open({ sessionId: session.id, number: chat.client?.whatsappNumber }).expect(200);
  expect(known.body.id).toBe(chat.id);
  const clients = await api.request.get("/v1/clients").set(user.bearer).expect(200);
  expect(clients.body.items.map(({ name }: { name: string }) => name)).toEqual(["João"]);
  expect((await eventsOf(api, user.companyId)).map(({ type }) => type)).not.toContain("new_client");
  await api.request
    .post(`/v1/chats/${opened.body.id}/messages`)
    .set(user.bearer)
    .send({ body: "Oi, Bia!" })
    .expect(202);
});

test("rejects opening a chat in a session of another company", async ({ api }) => {
  const [user, stranger] = [await newUser(api), await newUser(api)];
  const { session } = await newInbox(api, user.companyId);
  const open = (sessionId: string) =>
    api.request.post("/v1/chats").set(stranger.bearer).send({ sessionId, number: "5521977776666" });
  await open(session.id).expect(404);
  await open(randomUUID()).expect(404);
});
