import type { DataOf } from "@syszap/contracts";
import { describe, expect } from "vitest";
import { type Company, messageJob, type PublishedEvent, test, type World } from "./fixtures.ts";

const phone = "5511988887777";
const lid = "88123456789012";
const bodyIs = (body: string) => (event: PublishedEvent) =>
  event.type === "new_message" && (event.data as { Body: string }).Body === body;

/** A message under the names that WhatsApp tells of its writer. */
const from = (company: Company, client: { number: string; lid?: string }, body: string, timestampMs: number) =>
  messageJob(company, {
    body,
    timestampMs,
    client: { ...client, name: "Ana" },
    waChatId: client.number === client.lid ? `${client.number}@lid` : `${client.number}@c.us`,
  });

async function say(world: World, company: Company, jobs: ReturnType<typeof from>[]) {
  for (const job of jobs) {
    await world.add("message", job);
    await company.listener.next(bodyIs(job.body));
  }
}

const inbox = ({ db }: World, { companyId }: Company) =>
  db.withCompany(companyId, async ({ clients, chats, messages }) => {
    const [clientPage, chatPage] = [await clients.list({ limit: 10 }), await chats.list({ limit: 10 })];
    const talks: string[][] = [];
    for (const chat of chatPage.items) {
      talks.push((await messages.listBefore(chat.id, { limit: 10 })).items.map(({ body }) => body));
    }
    return { clients: clientPage.items, chats: chatPage.items, talks };
  });

test("a Brazilian mobile number with and without the ninth digit is one client, a fixed line is another", async ({
  world,
}) => {
  const acme = await world.openCompany();
  await world.startWorker();
  await say(world, acme, [
    from(acme, { number: "551188887777" }, "eight digits", 1_000),
    from(acme, { number: "5511988887777" }, "nine digits", 2_000),
    from(acme, { number: "551133334444" }, "fixed line", 3_000),
    from(acme, { number: "5511933334444" }, "somebody's mobile", 4_000),
  ]);
  const { talks } = await inbox(world, acme);
  expect(talks).toEqual([["somebody's mobile"], ["fixed line"], ["nine digits", "eight digits"]]);
  expect(acme.listener.of("new_client").map(({ data }) => data.WhatsApp_Number)).toEqual([
    "551188887777",
    "551133334444",
    "5511933334444",
  ]);
});

test("a client who was known by LID alone is shown by the number as soon as WhatsApp tells it", async ({ world }) => {
  const acme = await world.openCompany();
  await world.startWorker();
  await say(world, acme, [
    from(acme, { number: lid, lid }, "by lid", 1_000),
    from(acme, { number: phone, lid }, "by both", 2_000),
    from(acme, { number: phone }, "by phone", 3_000),
    from(acme, { number: lid, lid }, "by lid again", 4_000),
  ]);
  const { clients, talks } = await inbox(world, acme);
  expect(clients).toMatchObject([{ whatsappNumber: phone }]);
  expect(talks).toEqual([["by lid again", "by phone", "by both", "by lid"]]);
  expect(acme.listener.of("new_client")).toHaveLength(1);
  expect(acme.listener.of("client_update").some(({ data }) => "Merged_Into" in data)).toBe(false);
});

describe.each([
  ["the phone first", [0, 1]],
  ["the LID first", [1, 0]],
])("two clients who turn out to be one person, %s", (_what, order) => {
  const writers = [{ number: phone }, { number: lid, lid }];
  const meet = async (world: World, acme: Company) => {
    const first = order.map((at, n) => from(acme, writers[at] ?? { number: "" }, `as ${at}`, 1_000 + n));
    await say(world, acme, first);
    expect((await inbox(world, acme)).clients).toHaveLength(2);
  };

  test("become the one with the number, with all talks, counts and one chat, and pages are told", async ({ world }) => {
    const acme = await world.openCompany();
    await world.startWorker();
    await meet(world, acme);
    await say(world, acme, [from(acme, { number: phone, lid }, "as both", 3_000)]);
    await acme.listener.next(({ type, data }) => type === "chat_update" && "Merged_Into" in data);
    await say(world, acme, [from(acme, { number: lid, lid }, "as the LID again", 4_000)]);

    const { clients, chats, talks } = await inbox(world, acme);
    expect(clients).toMatchObject([{ whatsappNumber: phone, lastContactAt: new Date(4_000).toISOString() }]);
    expect(talks).toEqual([["as the LID again", "as both", `as ${order[1]}`, `as ${order[0]}`]]);
    expect(chats).toMatchObject([{ unreadCount: 4, lastMessage: { body: "as the LID again" } }]);
    expect(acme.listener.of("new_client")).toHaveLength(2);
    const gone = acme.listener.of("new_client").find(({ data }) => data.WhatsApp_Number === lid)?.data.Id;
    const updates: DataOf<"client_update">[] = acme.listener.of("client_update").map(({ data }) => data);
    expect(updates.filter(({ Merged_Into }) => Merged_Into)).toMatchObject([{ Id: gone, Merged_Into: clients[0]?.id }]);
    const moves = acme.listener.of("chat_update").filter(({ data }) => data.Merged_Into);
    expect(moves).toMatchObject([{ data: { Merged_Into: chats[0]?.id, Unread_Count: 0 } }]);
    const found = await world.db.withCompany(acme.companyId, (unit) => unit.chats.find(moves[0]?.data.Id ?? ""));
    expect(found?.id).toBe(chats[0]?.id);
  });

  test("do so too when a contact says it, and no message", async ({ world }) => {
    const acme = await world.openCompany();
    await world.startWorker();
    await meet(world, acme);
    const { companyId, sessionId } = acme;
    await world.add("contact", { companyId, sessionId, number: phone, lid, name: "Ana Lima", timestampMs: 5_000 });
    await acme.listener.next(({ type, data }) => type === "client_update" && "Merged_Into" in data);
    const { clients, talks } = await inbox(world, acme);
    expect(clients).toMatchObject([{ whatsappNumber: phone, name: "Ana Lima" }]);
    expect(talks).toEqual([[`as ${order[1]}`, `as ${order[0]}`]]);
  });
});

test("two people of whom only names are known become one without a word to pages", async ({ world }) => {
  const acme = await world.openCompany();
  await world.startWorker({ CONCURRENCY: "1" });
  const { companyId, sessionId } = acme;
  await world.add("contact", { companyId, sessionId, number: phone, name: "Ana", timestampMs: 1 });
  await world.add("contact", { companyId, sessionId, number: lid, lid, name: "Aninha", timestampMs: 2 });
  await world.add("contact", { companyId, sessionId, number: phone, lid, name: "Ana Lima", timestampMs: 3 });
  await say(world, acme, [from(acme, { number: lid, lid }, "first words", 4)]);
  expect(acme.listener.heard.map(({ type }) => type)).toEqual(expect.arrayContaining(["new_client", "new_message"]));
  expect(acme.listener.heard[0]).toMatchObject({ type: "new_client", data: { WhatsApp_Number: phone } });
  expect((await inbox(world, acme)).clients).toHaveLength(1);
});

test("three rows of one person become one, and a name of each of them leads there", async ({ world }) => {
  const acme = await world.openCompany();
  await world.startWorker();
  const other = "5521977776666";
  await say(world, acme, [
    from(acme, { number: phone }, "one", 1_000),
    from(acme, { number: lid, lid }, "two", 2_000),
    from(acme, { number: other, lid: "88000000000001" }, "three", 3_000),
    from(acme, { number: phone, lid }, "one is two", 4_000),
    from(acme, { number: other, lid }, "and three", 5_000),
    from(acme, { number: "88000000000001", lid: "88000000000001" }, "still", 6_000),
    from(acme, { number: phone }, "the same", 7_000),
  ]);
  const { clients, talks } = await inbox(world, acme);
  expect(clients).toHaveLength(1);
  expect(talks).toEqual([["the same", "still", "and three", "one is two", "three", "two", "one"]]);
});
