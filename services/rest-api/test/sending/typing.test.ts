import { channels } from "@syszap/contracts";
import { expect } from "vitest";
import { listen, newInbox, newUser, test } from "../support/api-test.ts";

test("forwards typing with the user and the name of the request to the owner of the session", async ({
  api,
  onTestFinished,
}) => {
  const user = await newUser(api, "agent");
  const { chat } = await newInbox(api, user.companyId);
  const listener = await listen(api.redis, [channels.commands(user.companyId)]);
  onTestFinished(listener.close);
  const path = `/v1/chats/${chat.id}/typing`;
  await api.request
    .post(path)
    .set({ ...user.bearer, "X-Request-Id": "from-the-front" })
    .send({ state: "composing" })
    .expect(204);
  expect((await listener.next()).message).toEqual({
    kind: "typing",
    chatId: chat.id,
    state: "composing",
    userId: user.userId,
    requestId: "from-the-front",
  });
  await api.request.post(path).set(user.bearer).send({ state: "asleep" }).expect(422);
});

test("rejects typing in a chat of another company", async ({ api, onTestFinished }) => {
  const [mine, theirs] = [await newUser(api), await newUser(api)];
  const { chat, session } = await newInbox(api, theirs.companyId);
  const listener = await listen(api.redis, [channels.commands(mine.companyId), channels.commands(theirs.companyId)]);
  onTestFinished(listener.close);
  await api.request.post(`/v1/chats/${chat.id}/typing`).set(mine.bearer).send({ state: "composing" }).expect(404);
  // Barrier: a command of the rejected request would arrive before this one.
  await api.publisher.command(theirs.companyId, { kind: "new_qr", sessionId: session.id });
  expect(await listener.next()).toMatchObject({ message: { kind: "new_qr" } });
});

test("limits the rate of typing reports", async ({ api }) => {
  const user = await newUser(api);
  const { chat } = await newInbox(api, user.companyId);
  const type = () => api.request.post(`/v1/chats/${chat.id}/typing`).set(user.bearer).send({ state: "composing" });
  for (let times = 0; times < 120; times++) await type().expect(204);
  const { headers } = await type().expect(429);
  expect(Number(headers["retry-after"])).toBeGreaterThan(0);
});
