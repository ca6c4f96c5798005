import { channels, type DataOf, keys, type MessageJob } from "@syszap/contracts";
import { expect } from "vitest";
import { messageJob, test } from "./fixtures.ts";

const bodyIs = (body: string) => (event: { type: string; data: unknown }) =>
  event.type === "new_message" && (event.data as { Body: string }).Body === body;

test("stores and publishes a message of an unknown number, in the right order", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  const job = messageJob(acme, { body: "Oi, tudo bem? 🥖" });
  await environment.add("message", job);
  await acme.events.next(({ type }) => type === "chat_update");

  expect(acme.events.received.map(({ type, seq }) => [type, seq])).toEqual([
    ["new_client", 1],
    ["client_update", 2],
    ["new_message", 3],
    ["chat_update", 4],
  ]);
  const [newClient] = acme.events.of("new_client");
  const [newMessage] = acme.events.of("new_message");
  const at = new Date(job.timestampMs).toISOString();
  expect(newClient?.data).toMatchObject({ Name: "João", WhatsApp_Number: "5511988887777", Company_Id: acme.companyId });
  expect(acme.events.of("client_update")[0]?.data).toMatchObject({ Id: newClient?.data.Id, Last_Contact_At: at });
  expect(newMessage?.data).toMatchObject({
    Direction: 0,
    Type: 0,
    Body: job.body,
    Chat: { WA_Chat_Id: job.waChatId },
    Client: { Id: newClient?.data.Id, Name: "João", WhatsApp_Number: "5511988887777" },
    Session_Id: acme.sessionId,
    timestamp: at,
  });
  expect(acme.events.of("chat_update")[0]?.data).toMatchObject({ Unread_Count: 1, Last_Message: { Body: job.body } });

  const [chats, clients] = await environment.db.withCompany(acme.companyId, async (unit) => [
    await unit.chats.list({ limit: 10 }),
    await unit.clients.list({ limit: 10 }),
  ]);
  expect(clients.items).toMatchObject([{ id: newClient?.data.Id, lastContactAt: at }]);
  expect(chats.items).toMatchObject([{ id: newMessage?.data.Chat_Id, unreadCount: 1 }]);
  const log = await environment.redis.xlen(keys.log(channels.company(acme.companyId)));
  expect(log).toBe(4);
});

test("stores and publishes a repeated message once", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker({ CONCURRENCY: "1" });
  const job = messageJob(acme, { body: "once" });
  for (const jobId of ["first", "second", "third"]) await environment.add("message", job, { jobId });
  await environment.add("message", messageJob(acme, { body: "barrier", timestampMs: job.timestampMs + 1 }));
  await acme.events.next(bodyIs("barrier"));

  expect(acme.events.of("new_message").map(({ data }) => data.Body)).toEqual(["once", "barrier"]);
  expect(acme.events.of("new_client")).toHaveLength(1);
  const chats = await environment.db.withCompany(acme.companyId, (unit) => unit.chats.list({ limit: 10 }));
  expect(chats.items).toMatchObject([{ unreadCount: 2 }]);
});

test("keeps the author of the last message when an older one arrives, and names none for the phone", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  const { companyId } = acme;
  await environment.startWorker();
  await environment.add("message", messageJob(acme, { body: "oi" }));
  const { data } = await acme.events.next(bodyIs("oi"));
  const chatId = (data as DataOf<"new_message">).Chat_Id;
  const login = {
    companyId,
    email: `${companyId}@example.com`,
    name: "Ana",
    role: "agent",
    passwordHash: "none",
  } as const;
  const { userId } = await environment.db.system.logins.createUser(login);
  await environment.db.withCompany(companyId, async ({ outboundQueue, chatRecorder }) => {
    const queued = await outboundQueue.add({ chatId, body: "já vou ver", userId });
    if (queued) await chatRecorder.recordMessage(queued.message);
  });
  const previewAfter = async (job: Partial<MessageJob>) => {
    await environment.add("message", messageJob(acme, job));
    const message = await acme.events.next(bodyIs(job.body ?? ""));
    const isNext = ({ type, seq }: { type: string; seq: number }) => type === "chat_update" && seq > message.seq;
    const update = await acme.events.next(isNext);
    return { message: message.data, preview: (update.data as DataOf<"chat_update">).Last_Message };
  };

  const late = await previewAfter({ body: "late" });
  const phone = await previewAfter({ body: "phone", direction: 1, status: "sent", timestampMs: Date.now() + 60_000 });

  expect(late.preview).toMatchObject({ Body: "já vou ver", Author: { Id: userId, Name: "Ana" } });
  expect(phone.preview).toMatchObject({ Body: "phone", Direction: 1 });
  expect([late.message, phone.message, phone.preview].filter((each) => each && "Author" in each)).toEqual([]);
});

test("keeps two companies apart that have the same number and message key", async ({ environment }) => {
  const [acme, globex] = [await environment.openCompany(), await environment.openCompany()];
  await environment.startWorker();
  const waKey = "3EB0SAME";
  await environment.add("message", messageJob(acme, { waKey, body: "for acme" }));
  await environment.add("message", messageJob(globex, { waKey, body: "for globex" }));
  await Promise.all([acme, globex].map(({ events }) => events.next(({ type }) => type === "chat_update")));
  expect(acme.events.of("new_message").map(({ data }) => data.Body)).toEqual(["for acme"]);
  expect(globex.events.of("new_message").map(({ data }) => data.Body)).toEqual(["for globex"]);
  expect(acme.events.of("new_client")[0]?.data.Id).not.toBe(globex.events.of("new_client")[0]?.data.Id);
});

test("reaches the same last contact, name, unread count and order of messages for every order of arrival", async ({
  environment,
}) => {
  const begin = 1_700_000_000_000;
  const outcomes: unknown[] = [];
  await environment.startWorker({ CONCURRENCY: "1" });
  for (const order of [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [1, 3, 0, 2],
  ]) {
    const company = await environment.openCompany();
    for (const n of order) {
      const client = { number: "5511988887777", name: `Name ${n}` };
      await environment.add(
        "message",
        messageJob(company, { body: `${n}`, timestampMs: begin + n, receipt: n, client }),
      );
    }
    const last = await company.events.next(
      ({ type, data }) => type === "chat_update" && (data as { Unread_Count: number }).Unread_Count === 4,
    );
    const state = await environment.db.withCompany(company.companyId, async (unit) => {
      const [chat] = (await unit.chats.list({ limit: 10 })).items;
      const page = await unit.messages.listBefore(chat?.id ?? "", { limit: 10 });
      return {
        name: chat?.client?.name,
        lastContactAt: chat?.client?.lastContactAt,
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

test("stores and publishes unusual texts unchanged, except NUL and lone surrogates, which become U+FFFD", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  await environment.startWorker({ CONCURRENCY: "1" });
  const texts: [sent: string, kept: string][] = [
    ["x".repeat(70_000), "x".repeat(70_000)],
    ["👩‍👩‍👧‍👦 e\u0301 \u2028 שלום \u202Eabc", "👩‍👩‍👧‍👦 e\u0301 \u2028 שלום \u202Eabc"],
    ["a\u0000b\uD83Dc\uDE00", "a\uFFFDb\uFFFDc\uFFFD"],
    ["", ""],
  ];
  for (const [body] of texts) await environment.add("message", messageJob(acme, { body }));
  await environment.add("message", messageJob(acme, { body: "barrier" }));
  await acme.events.next(bodyIs("barrier"));
  const kept = [...texts.map(([, text]) => text), "barrier"];
  expect(acme.events.of("new_message").map(({ data }) => data.Body)).toEqual(kept);
  const chatId = acme.events.of("new_message")[0]?.data.Chat_Id ?? "";
  const page = await environment.db.withCompany(acme.companyId, (unit) =>
    unit.messages.listBefore(chatId, { limit: 10 }),
  );
  expect(page.items.map(({ body }) => body).reverse()).toEqual(kept);
});

test("stores history without new-message events and without raising the unread count", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker({ CONCURRENCY: "1" });
  const client = { number: "5511900000001", name: "Antiga" };
  await environment.add("message", messageJob(acme, { body: "old", isHistory: true, client, timestampMs: 5_000 }));
  await environment.add("message", messageJob(acme, { body: "older", isHistory: true, client, timestampMs: 4_000 }));
  await environment.add("message", messageJob(acme, { body: "now" }));
  await acme.events.next(bodyIs("now"));
  const before = acme.events.received.slice(
    0,
    acme.events.received.findIndex(({ type }) => type === "new_client"),
  );
  expect(before.map(({ type }) => type)).toEqual(["client_update", "chat_update"]);
  const chats = await environment.db.withCompany(acme.companyId, (unit) =>
    unit.chats.list({ limit: 10, search: "Antiga" }),
  );
  expect(chats.items).toMatchObject([{ unreadCount: 0, lastMessage: { body: "old" } }]);
});

test("publishes a message with a reference to its file", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  const media = { storageKey: "a/b", mimeType: "image/png", fileName: null, size: 12, sha256: "0".repeat(64) };
  await environment.add("message", messageJob(acme, { kind: "image", body: "veja", media }));
  const published = await acme.events.next(({ type }) => type === "new_message");
  expect(published.data).toMatchObject({
    Type: 1,
    Body: "veja",
    Media: { Mime_Type: "image/png", File_Name: null, Size: 12 },
  });
});

test("publishes and stores the reason why the file of a message is missing", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  const missingMedia = {
    state: "too_large" as const,
    reason: "larger than 256 MB",
    mimeType: "video/mp4",
    fileName: "festa.mp4",
    size: 300_000_000,
    limit: 256_000_000,
  };
  await environment.add("message", messageJob(acme, { kind: "video", body: "veja", missingMedia }));
  const published = await acme.events.next(({ type }) => type === "new_message");
  const { Id, Media, Missing_Media } = published.data as DataOf<"new_message">;
  expect(Media).toBeUndefined();
  expect(Missing_Media).toMatchObject({ State: "too_large", File_Name: "festa.mp4", Limit: 256_000_000 });
  const stored = await environment.db.withCompany(acme.companyId, ({ messages }) => messages.find(Id));
  expect(stored).toMatchObject({ media: null, missingMedia });
});

test("stores a message once that is queued under the id of an older version and under its present id", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  const job = messageJob(acme, { body: "durante a atualização" });
  await environment.add("message", job, { jobId: `message|${acme.sessionId}|0|${job.waKey}` });
  await environment.add("message", job);
  await environment.startWorker();
  await acme.events.next(({ type }) => type === "chat_update");
  await environment.add("message", messageJob(acme, { body: "depois" }));
  await acme.events.next(bodyIs("depois"));
  expect(acme.events.of("new_message").map(({ data }) => data.Body)).toEqual(["durante a atualização", "depois"]);
});
