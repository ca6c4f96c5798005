import { expect } from "vitest";
import { messageJob, test } from "../fixtures.ts";
import { caio, groupId, groupMessage, groupOf, inCompany, processInOrder, startMs } from "./group-jobs.ts";

test("counts the messages of a group, and in the badge only mentions unless all are to be notified", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  const at = (second: number) => ({ timestampMs: startMs + second * 1_000 });
  const counts = () => inCompany(environment, acme, ({ chats }) => chats.counts());
  await processInOrder(
    environment,
    acme,
    ["message", groupMessage(acme, at(1))],
    ["message", groupMessage(acme, at(2))],
  );
  // The barrier's client wrote one message.
  expect(await counts()).toEqual({ unreadChats: 1, unreadMessages: 1 });
  const { chat } = await groupOf(environment, acme);
  expect(chat).toMatchObject({ unreadCount: 2, group: { unreadMentions: 0 } });
  await inCompany(environment, acme, ({ groups }) => groups.setNotices(chat.id, true));
  expect(await counts()).toEqual({ unreadChats: 2, unreadMessages: 3 });
  await inCompany(environment, acme, ({ groups }) => groups.setNotices(chat.id, false));

  await processInOrder(
    environment,
    acme,
    ["message", groupMessage(acme, { ...at(3), mentionsUs: true })],
    ["message", groupMessage(acme, { ...at(4), mentionsUs: true })],
  );
  expect(await counts()).toMatchObject({ unreadChats: 2, unreadMessages: 4 });
  expect((await groupOf(environment, acme)).chat).toMatchObject({ unreadCount: 4, group: { unreadMentions: 2 } });

  const { companyId, sessionId } = acme;
  await processInOrder(environment, acme, ["read", { companyId, sessionId, waChatId: groupId, ...at(3) }]);
  expect((await groupOf(environment, acme)).chat).toMatchObject({ unreadCount: 1, group: { unreadMentions: 1 } });
  // An answer that arrives late: only what came after it stays unread.
  await processInOrder(
    environment,
    acme,
    ["message", groupMessage(acme, { ...at(6), mentionsUs: true })],
    ["message", groupMessage(acme, { ...at(5), direction: 1, sender: undefined })],
  );
  expect((await groupOf(environment, acme)).chat).toMatchObject({ unreadCount: 1, group: { unreadMentions: 1 } });
  await inCompany(environment, acme, ({ chats }) => chats.markRead(chat.id));
  expect((await groupOf(environment, acme)).chat).toMatchObject({ unreadCount: 0, group: { unreadMentions: 0 } });
});

test("a note is a message that is never unread, is not the last message and registers no client", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  const note = (event: "joined" | "number_changed", body: string) =>
    ({ kind: "system", body, content: { note: { event } } }) as const;
  const at = (second: number) => ({ timestampMs: startMs + second * 1_000 });
  const known = { number: "5511988887777", name: "João" };
  await processInOrder(
    environment,
    acme,
    ["message", groupMessage(acme, { ...at(1), body: "oi" })],
    ["message", groupMessage(acme, { ...at(2), ...note("joined", "Caio entrou"), sender: caio })],
    ["message", groupMessage(acme, { ...at(3), ...note("joined", "Você entrou"), direction: 1, sender: undefined })],
    ["message", messageJob(acme, { ...at(4), ...note("number_changed", "João mudou de número"), client: known })],
    ["message", groupMessage(acme, { ...at(1), body: "outra", direction: 1, sender: undefined })],
  );
  const { chat, messages } = await groupOf(environment, acme);
  expect(chat).toMatchObject({ unreadCount: 0, lastMessage: { body: "outra" } });
  expect(messages.map(({ body }) => body)).toContain("Caio entrou");
  const told = acme.events.of("new_message").find(({ data }) => data.Body === "João mudou de número");
  expect(told?.data).toMatchObject({ Type: 10, Content: { note: { event: "number_changed" } } });
  const named = acme.events.of("new_client").map(({ data }) => data.WhatsApp_Number);
  expect(named).toEqual(["5531955554444"]);
  expect(acme.events.of("chat_update").filter(({ data }) => data.WA_Chat_Id === "5511988887777@c.us")).toEqual([]);
  // Notes after an answer are not unread either when the answer arrives late.
  const chats = await inCompany(environment, acme, (unit) => unit.chats.list({ limit: 10, search: known.number }));
  expect(chats.items).toMatchObject([{ unreadCount: 0, lastMessage: null }]);
});
