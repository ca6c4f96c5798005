import type { DataOf } from "@syszap/contracts";
import { describe, expect } from "vitest";
import { asOwner, type Company, messageJob, type PublishedEvent, type TestEnvironment, test } from "./fixtures.ts";

const phone = "5511988887777";
const lid = "88123456789012";
const bodyIs = (body: string) => (event: PublishedEvent) =>
  event.type === "new_message" && (event.data as { Body: string }).Body === body;

/** A message whose sender WhatsApp names by these ids. */
const from = (company: Company, client: { number: string; lid?: string }, body: string, timestampMs: number) =>
  messageJob(company, {
    body,
    timestampMs,
    client: { ...client, name: "Ana" },
    waChatId: client.number === client.lid ? `${client.number}@lid` : `${client.number}@c.us`,
  });

async function receive(environment: TestEnvironment, company: Company, jobs: ReturnType<typeof from>[]) {
  for (const job of jobs) {
    await environment.add("message", job);
    await company.events.next(bodyIs(job.body));
  }
}

const inbox = ({ db }: TestEnvironment, { companyId }: Company) =>
  db.withCompany(companyId, async ({ clients, chats, messages }) => {
    const [clientPage, chatPage] = [await clients.list({ limit: 10 }), await chats.list({ limit: 10 })];
    const conversations: string[][] = [];
    for (const chat of chatPage.items) {
      conversations.push((await messages.listBefore(chat.id, { limit: 10 })).items.map(({ body }) => body));
    }
    return { clients: clientPage.items, chats: chatPage.items, conversations };
  });

test("a Brazilian mobile number with and without the ninth digit is one client; a landline is another", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  await receive(environment, acme, [
    from(acme, { number: "551188887777" }, "eight digits", 1_000),
    from(acme, { number: "5511988887777" }, "nine digits", 2_000),
    from(acme, { number: "551133334444" }, "fixed line", 3_000),
    from(acme, { number: "5511933334444" }, "another mobile", 4_000),
  ]);
  const { conversations } = await inbox(environment, acme);
  expect(conversations).toEqual([["another mobile"], ["fixed line"], ["nine digits", "eight digits"]]);
  expect(acme.events.of("new_client").map(({ data }) => data.WhatsApp_Number)).toEqual([
    "551188887777",
    "551133334444",
    "5511933334444",
  ]);
});

test("a client known only by LID is shown with the number as soon as WhatsApp reports it", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  await receive(environment, acme, [
    from(acme, { number: lid, lid }, "by lid", 1_000),
    from(acme, { number: phone, lid }, "by both", 2_000),
    from(acme, { number: phone }, "by phone", 3_000),
    from(acme, { number: lid, lid }, "by lid again", 4_000),
  ]);
  const { clients, conversations } = await inbox(environment, acme);
  expect(clients).toMatchObject([{ whatsappNumber: phone }]);
  expect(conversations).toEqual([["by lid again", "by phone", "by both", "by lid"]]);
  expect(acme.events.of("new_client")).toHaveLength(1);
  expect(acme.events.of("client_update").some(({ data }) => "Merged_Into" in data)).toBe(false);
});

describe.each([
  ["the phone first", [0, 1]],
  ["the LID first", [1, 0]],
])("merging two clients that are the same contact, %s", (_order, order) => {
  const writers = [{ number: phone }, { number: lid, lid }];
  const receiveFromBoth = async (environment: TestEnvironment, acme: Company) => {
    const first = order.map((at, n) => from(acme, writers[at] ?? { number: "" }, `as ${at}`, 1_000 + n));
    await receive(environment, acme, first);
    expect((await inbox(environment, acme)).clients).toHaveLength(2);
  };

  test("keeps the one with the number, combines messages, counts and chats, and emits the merge", async ({
    environment,
  }) => {
    const acme = await environment.openCompany();
    await environment.startWorker();
    await receiveFromBoth(environment, acme);
    await receive(environment, acme, [from(acme, { number: phone, lid }, "as both", 3_000)]);
    await acme.events.next(({ type, data }) => type === "chat_update" && "Merged_Into" in data);
    await receive(environment, acme, [from(acme, { number: lid, lid }, "as the LID again", 4_000)]);

    const { clients, chats, conversations } = await inbox(environment, acme);
    expect(clients).toMatchObject([{ whatsappNumber: phone, lastContactAt: new Date(4_000).toISOString() }]);
    expect(conversations).toEqual([["as the LID again", "as both", `as ${order[1]}`, `as ${order[0]}`]]);
    expect(chats).toMatchObject([{ unreadCount: 4, lastMessage: { body: "as the LID again" } }]);
    expect(acme.events.of("new_client")).toHaveLength(2);
    const gone = acme.events.of("new_client").find(({ data }) => data.WhatsApp_Number === "")?.data.Id;
    const updates: DataOf<"client_update">[] = acme.events.of("client_update").map(({ data }) => data);
    expect(updates.filter(({ Merged_Into }) => Merged_Into)).toMatchObject([{ Id: gone, Merged_Into: clients[0]?.id }]);
    const moves = acme.events.of("chat_update").filter(({ data }) => data.Merged_Into);
    expect(moves).toMatchObject([{ data: { Merged_Into: chats[0]?.id, Unread_Count: 0 } }]);
    const found = await environment.db.withCompany(acme.companyId, (unit) => unit.chats.find(moves[0]?.data.Id ?? ""));
    expect(found?.id).toBe(chats[0]?.id);
  });

  test("also happens for a contact fact without a message", async ({ environment }) => {
    const acme = await environment.openCompany();
    await environment.startWorker();
    await receiveFromBoth(environment, acme);
    const { companyId, sessionId } = acme;
    await environment.add("contact", {
      companyId,
      sessionId,
      number: phone,
      lid,
      name: "Ana Lima",
      timestampMs: 5_000,
    });
    await acme.events.next(({ type, data }) => type === "client_update" && "Merged_Into" in data);
    const { clients, conversations } = await inbox(environment, acme);
    expect(clients).toMatchObject([{ whatsappNumber: phone, name: "Ana Lima" }]);
    expect(conversations).toEqual([[`as ${order[1]}`, `as ${order[0]}`]]);
  });
});

test("a message that both chats of a merge stored stays once, with the changes of both copies", async ({
  environment,
  database,
}) => {
  const acme = await environment.openCompany();
  await environment.startWorker({ CONCURRENCY: "1" });
  const { companyId, sessionId } = acme;
  const lidChat = `${lid}@lid`;
  const [{ id: userId }] = await asOwner(
    database,
    "insert into users (company_id, email, name, role) values ($1, 'a@acme.example', 'Ana', 'agent') returning id",
    [acme.companyId],
  );
  const shared = { companyId, sessionId, direction: 0, waKey: "3EB0SHARED" } as const;
  const byPhone = { ...from(acme, { number: phone }, "by phone", 1_000), ...shared };
  const byLid = { ...from(acme, { number: lid, lid }, "by lid", 2_000), ...shared };
  await receive(environment, acme, [byPhone, from(acme, { number: lid, lid }, "only by lid", 1_500), byLid]);
  const [kept, gone] = acme.events.of("new_message").flatMap(({ data }) => (data.Body.startsWith("by") ? data : []));
  if (!kept || !gone) throw new Error("the message was not stored twice");
  const reaction = { from: "company", emoji: "👍" } as const;
  await environment.add("reaction", { ...shared, ...reaction, waChatId: lidChat, timestampMs: 3_000 });
  await acme.events.next(({ type, data }) => type === "message_update" && data.Id === gone.Id);
  await environment.db.withCompany(companyId, async ({ outboundQueue }) => {
    const request = { chatId: gone.Chat_Id, userId };
    await outboundQueue.add({ ...request, body: "an answer", quotes: gone.Id });
    await outboundQueue.add({ ...request, body: "🎉", changes: { change: "reaction", messageId: gone.Id } });
  });

  await environment.add("contact", { companyId, sessionId, number: phone, lid, name: "Ana", timestampMs: 4_000 });
  await acme.events.next(({ type, data }) => type === "chat_update" && data.Merged_Into === kept.Chat_Id);
  const read = () =>
    environment.db.withCompany(companyId, async ({ chats, messages }) => ({
      chats: (await chats.list({ limit: 10 })).items,
      messages: (await messages.listBefore(kept.Chat_Id, { limit: 10 })).items,
      gone: await messages.find(gone.Id),
    }));
  const merged = await read();
  expect(merged.chats).toMatchObject([{ id: kept.Chat_Id, unreadCount: 2 }]);
  expect(merged.messages).toMatchObject([
    { body: "an answer", quoted: { id: kept.Id, body: "by phone" } },
    { body: "only by lid" },
    { id: kept.Id, body: "by phone", reactions: [{ Emoji: "👍", From: "company" }] },
  ]);
  expect(merged.gone).toMatchObject({ body: "", revokedAt: expect.any(String) });
  const operations = "select changes_message_id from messages where change is not null";
  expect(await asOwner(database, operations)).toEqual([{ changes_message_id: kept.Id }]);

  // Facts that name the chat which was merged away change the copy that is left.
  await environment.add("revoke", { ...shared, waChatId: lidChat, timestampMs: 5_000 });
  await acme.events.next(({ type, data }) => type === "message_update" && data.Id === kept.Id);
  expect((await read()).messages[2]).toMatchObject({ id: kept.Id, body: "" });
});

test("a message that one chat of a merge shows as deleted stays deleted, and the last message is the copy that is left", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  await environment.startWorker({ CONCURRENCY: "1" });
  const { companyId, sessionId } = acme;
  await receive(environment, acme, [
    { ...from(acme, { number: phone }, "secret by phone", 1_000), waKey: "3EB0DELETED" },
    { ...from(acme, { number: lid, lid }, "secret by lid", 2_000), waKey: "3EB0DELETED" },
    { ...from(acme, { number: phone }, "by phone", 3_000), waKey: "3EB0SHARED" },
    { ...from(acme, { number: lid, lid }, "by lid", 4_000), waKey: "3EB0SHARED" },
  ]);
  const deleted = { companyId, sessionId, direction: 0, waKey: "3EB0DELETED", waChatId: `${lid}@lid` } as const;
  await environment.add("revoke", { ...deleted, timestampMs: 5_000 });
  await acme.events.next(({ type, data }) => type === "message_update" && data.Change === "revoked");
  await environment.add("contact", { companyId, sessionId, number: phone, lid, name: "Ana", timestampMs: 6_000 });
  await acme.events.next(({ type, data }) => type === "chat_update" && "Merged_Into" in data);
  const { chats, conversations } = await inbox(environment, acme);
  expect(conversations).toEqual([["by phone", ""]]);
  expect(chats).toMatchObject([{ unreadCount: 2, lastMessage: { body: "by phone" } }]);
});

test("merges two contacts that have not written yet without emitting the merge", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker({ CONCURRENCY: "1" });
  const { companyId, sessionId } = acme;
  await environment.add("contact", { companyId, sessionId, number: phone, name: "Ana", timestampMs: 1 });
  await environment.add("contact", { companyId, sessionId, number: lid, lid, name: "Aninha", timestampMs: 2 });
  await environment.add("contact", { companyId, sessionId, number: phone, lid, name: "Ana Lima", timestampMs: 3 });
  await receive(environment, acme, [from(acme, { number: lid, lid }, "first words", 4)]);
  expect(acme.events.received.map(({ type }) => type)).toEqual(expect.arrayContaining(["new_client", "new_message"]));
  expect(acme.events.received[0]).toMatchObject({ type: "new_client", data: { WhatsApp_Number: phone } });
  expect((await inbox(environment, acme)).clients).toHaveLength(1);
});

test("merges a client without a LID and one without a number, but nobody with a LID into another LID", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  const other = "5521977776666";
  await receive(environment, acme, [
    from(acme, { number: phone }, "one", 1_000),
    from(acme, { number: lid, lid }, "two", 2_000),
    from(acme, { number: other, lid: "88000000000001" }, "three", 3_000),
    from(acme, { number: phone, lid }, "one is two", 4_000),
    from(acme, { number: other, lid }, "and three", 5_000),
    from(acme, { number: "88000000000001", lid: "88000000000001" }, "still", 6_000),
    from(acme, { number: phone }, "the same", 7_000),
  ]);
  const { clients, conversations } = await inbox(environment, acme);
  expect(clients).toHaveLength(2);
  expect(conversations).toEqual([
    ["the same", "and three", "one is two", "two", "one"],
    ["still", "three"],
  ]);
});
