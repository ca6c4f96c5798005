import { channels } from "@syszap/contracts";
import { expect } from "vitest";
import { listen, newInbox, newPerson, test } from "../support/api-test.ts";

test("typing is passed on to the session's owner with who types", async ({ api, onTestFinished }) => {
  const person = await newPerson(api, "agent");
  const { chat } = await newInbox(api, person.companyId);
  const heard = await listen(api.redis, [channels.commands(person.companyId)]);
  onTestFinished(heard.close);
  const path = `/v1/chats/${chat.id}/typing`;
  await api.request.post(path).set(person.bearer).send({ state: "composing" }).expect(204);
  expect((await heard.next()).message).toEqual({
    ...{ kind: "typing", chatId: chat.id, state: "composing", userId: person.userId },
  });
  await api.request.post(path).set(person.bearer).send({ state: "asleep" }).expect(422);
});

test("nobody types in a chat of another company", async ({ api, onTestFinished }) => {
  const [mine, theirs] = [await newPerson(api), await newPerson(api)];
  const { chat, session } = await newInbox(api, theirs.companyId);
  const heard = await listen(api.redis, [channels.commands(mine.companyId), channels.commands(theirs.companyId)]);
  onTestFinished(heard.close);
  await api.request.post(`/v1/chats/${chat.id}/typing`).set(mine.bearer).send({ state: "composing" }).expect(404);
  // The barrier comes first: nothing was said before it.
  await api.publisher.command(theirs.companyId, { kind: "new_qr", sessionId: session.id });
  expect(await heard.next()).toMatchObject({ message: { kind: "new_qr" } });
});

test("a page gone wild is told to wait", async ({ api }) => {
  const person = await newPerson(api);
  const { chat } = await newInbox(api, person.companyId);
  const type = () => api.request.post(`/v1/chats/${chat.id}/typing`).set(person.bearer).send({ state: "composing" });
  for (let times = 0; times < 120; times++) await type().expect(204);
  const { headers } = await type().expect(429);
  expect(Number(headers["retry-after"])).toBeGreaterThan(0);
});
