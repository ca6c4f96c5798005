import { channels, type DataOf, keys } from "@syszap/contracts";
import { expect } from "vitest";
import { messageJob, test } from "./fixtures.ts";

const bodyIs = (body: string) => (event: { type: string; data: unknown }) =>
  event.type === "new_message" && (event.data as { Body: string }).Body === body;

test("a message of an unknown number becomes rows and publications, in this order", async ({ world }) => {
  const acme = await world.openCompany();
  await world.startWorker();
  const job = messageJob(acme, { body: "Oi, tudo bem? 🥖" });
  await world.add("message", job);
  await acme.listener.next(({ type }) => type === "chat_update");

  expect(acme.listener.heard.map(({ type, seq }) => [type, seq])).toEqual([
    ["new_client", 1],
    ["client_update", 2],
    ["new_message", 3],
    ["chat_update", 4],
  ]);
  const [newClient] = acme.listener.of("new_client");
  const [newMessage] = acme.listener.of("new_message");
  const at = new Date(job.timestampMs).toISOString();
  expect(newClient?.data).toMatchObject({ Name: "João", WhatsApp_Number: "5511988887777", Company_Id: acme.companyId });
  expect(acme.listener.of("client_update")[0]?.data).toMatchObject({ Id: newClient?.data.Id, Last_Contact_At: at });
  expect(newMessage?.data).toMatchObject({
    Direction: 0,
    Type: 0,
    Body: job.body,
    Chat: { WA_Chat_Id: job.waChatId },
    Client: { Id: newClient?.data.Id, Name: "João", WhatsApp_Number: "5511988887777" },
    Session_Id: acme.sessionId,
    timestamp: at,
  });
  expect(acme.listener.of("chat_update")[0]?.data).toMatchObject({ Unread_Count: 1, Last_Message: { Body: job.body } });

  const [chats, clients] = await world.db.withCompany(acme.companyId, async (unit) => [
    await unit.chats.list({ limit: 10 }),
    await unit.clients.list({ limit: 10 }),
  ]);
  expect(clients.items).toMatchObject([{ id: newClient?.data.Id, lastContactAt: at }]);
  expect(chats.items).toMatchObject([{ id: newMessage?.data.Chat_Id, unreadCount: 1 }]);
  const log = await world.redis.xlen(keys.log(channels.company(acme.companyId)));
  expect(log).toBe(4);
});

test("the same message twice is stored and published once", async ({ world }) => {
  const acme = await world.openCompany();
  await world.startWorker({ CONCURRENCY: "1" });
  const job = messageJob(acme, { body: "once" });
  for (const jobId of ["first", "second", "third"]) await world.add("message", job, { jobId });
  await world.add("message", messageJob(acme, { body: "barrier", timestampMs: job.timestampMs + 1 }));
  await acme.listener.next(bodyIs("barrier"));

  expect(acme.listener.of("new_message").map(({ data }) => data.Body)).toEqual(["once", "barrier"]);
  expect(acme.listener.of("new_client")).toHaveLength(1);
  const chats = await world.db.withCompany(acme.companyId, (unit) => unit.chats.list({ limit: 10 }));
  expect(chats.items).toMatchObject([{ unreadCount: 2 }]);
});

test("two companies do not mix, even with the same number and the same key", async ({ world }) => {
  const [acme, globex] = [await world.openCompany(), await world.openCompany()];
  await world.startWorker();
  const waKey = "3EB0SAME";
  await world.add("message", messageJob(acme, { waKey, body: "for acme" }));
  await world.add("message", messageJob(globex, { waKey, body: "for globex" }));
  await Promise.all([acme, globex].map(({ listener }) => listener.next(({ type }) => type === "chat_update")));
  expect(acme.listener.of("new_message").map(({ data }) => data.Body)).toEqual(["for acme"]);
  expect(globex.listener.of("new_message").map(({ data }) => data.Body)).toEqual(["for globex"]);
  expect(acme.listener.of("new_client")[0]?.data.Id).not.toBe(globex.listener.of("new_client")[0]?.data.Id);
});

test("whatever order messages come in, last contact, name, unread count and the chat's order end the same", async ({
  world,
}) => {
  const begin = 1_700_000_000_000;
  const outcomes: unknown[] = [];
  await world.startWorker({ CONCURRENCY: "1" });
  for (const order of [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [1, 3, 0, 2],
  ]) {
    const company = await world.openCompany();
    for (const n of order) {
      const client = { number: "5511988887777", name: `Name ${n}` };
      await world.add("message", messageJob(company, { body: `${n}`, timestampMs: begin + n, receipt: n, client }));
    }
    const last = await company.listener.next(
      ({ type, data }) => type === "chat_update" && (data as { Unread_Count: number }).Unread_Count === 4,
    );
    const state = await world.db.withCompany(company.companyId, async (unit) => {
      const [chat] = (await unit.chats.list({ limit: 10 })).items;
      const page = await unit.messages.listBefore(chat?.id ?? "", { limit: 10 });
      return {
        name: chat?.client.name,
        lastContactAt: chat?.client.lastContactAt,
        unread: chat?.unreadCount,
        last: chat?.lastMessage?.body,
        bodies: page.items.map(({ body }) => body),
      };
    });
    expect(last.data).toMatchObject({ Last_Message: { Body: "3" } });
    outcomes.push(state);
  }
  const expected = {
    name: "Name 3",
    lastContactAt: new Date(begin + 3).toISOString(),
    unread: 4,
    last: "3",
    bodies: ["3", "2", "1", "0"],
  };
  expect(outcomes).toEqual([expected, expected, expected]);
});

test("long and strange texts arrive whole; NUL and broken surrogates become U+FFFD, in row and event alike", async ({
  world,
}) => {
  const acme = await world.openCompany();
  await world.startWorker({ CONCURRENCY: "1" });
  const texts: [sent: string, kept: string][] = [
    ["x".repeat(70_000), "x".repeat(70_000)],
    ["👩‍👩‍👧‍👦 e\u0301 \u2028 שלום \u202Eabc", "👩‍👩‍👧‍👦 e\u0301 \u2028 שלום \u202Eabc"],
    ["a\u0000b\uD83Dc\uDE00", "a\uFFFDb\uFFFDc\uFFFD"],
    ["", ""],
  ];
  for (const [body] of texts) await world.add("message", messageJob(acme, { body }));
  await world.add("message", messageJob(acme, { body: "barrier" }));
  await acme.listener.next(bodyIs("barrier"));
  const kept = [...texts.map(([, text]) => text), "barrier"];
  expect(acme.listener.of("new_message").map(({ data }) => data.Body)).toEqual(kept);
  const chatId = acme.listener.of("new_message")[0]?.data.Chat_Id ?? "";
  const page = await world.db.withCompany(acme.companyId, (unit) => unit.messages.listBefore(chatId, { limit: 10 }));
  expect(page.items.map(({ body }) => body).reverse()).toEqual(kept);
});

test("history from before the link is stored without notices and without unread counts", async ({ world }) => {
  const acme = await world.openCompany();
  await world.startWorker({ CONCURRENCY: "1" });
  const client = { number: "5511900000001", name: "Antiga" };
  await world.add("message", messageJob(acme, { body: "old", isHistory: true, client, timestampMs: 5_000 }));
  await world.add("message", messageJob(acme, { body: "older", isHistory: true, client, timestampMs: 4_000 }));
  await world.add("message", messageJob(acme, { body: "now" }));
  await acme.listener.next(bodyIs("now"));
  const before = acme.listener.heard.slice(
    0,
    acme.listener.heard.findIndex(({ type }) => type === "new_client"),
  );
  expect(before.map(({ type }) => type)).toEqual(["client_update", "chat_update"]);
  const chats = await world.db.withCompany(acme.companyId, (unit) => unit.chats.list({ limit: 10, search: "Antiga" }));
  expect(chats.items).toMatchObject([{ unreadCount: 0, lastMessage: { body: "old" } }]);
});

test("a message with a file carries a reference to it", async ({ world }) => {
  const acme = await world.openCompany();
  await world.startWorker();
  const media = { storageKey: "a/b", mimeType: "image/png", fileName: null, size: 12, sha256: "0".repeat(64) };
  await world.add("message", messageJob(acme, { kind: "image", body: "veja", media }));
  const published = await acme.listener.next(({ type }) => type === "new_message");
  expect(published.data).toMatchObject({
    Type: 1,
    Body: "veja",
    Media: { Mime_Type: "image/png", File_Name: null, Size: 12 },
  });
});

test("a message whose file could not be kept says why, to whoever listens and to whoever reads later", async ({
  world,
}) => {
  const acme = await world.openCompany();
  await world.startWorker();
  const missingMedia = {
    ...{ state: "too_large" as const, reason: "larger than 256 MB", mimeType: "video/mp4", fileName: "festa.mp4" },
    ...{ size: 300_000_000, limit: 256_000_000 },
  };
  await world.add("message", messageJob(acme, { kind: "video", body: "veja", missingMedia }));
  const published = await acme.listener.next(({ type }) => type === "new_message");
  const { Id, Media, Missing_Media } = published.data as DataOf<"new_message">;
  expect(Media).toBeUndefined();
  expect(Missing_Media).toMatchObject({ State: "too_large", File_Name: "festa.mp4", Limit: 256_000_000 });
  const stored = await world.db.withCompany(acme.companyId, ({ messages }) => messages.find(Id));
  expect(stored).toMatchObject({ media: null, missingMedia });
});
