import type { GroupJob } from "@syszap/contracts";
import { expect } from "vitest";
import { asOwner, messageJob, test } from "../fixtures.ts";
import {
  aboutMessage,
  bia,
  caio,
  groupId,
  groupJob,
  groupMessage,
  groupOf,
  hidden,
  inCompany,
  processInOrder,
  startMs,
} from "./group-jobs.ts";

test("a group has one chat with the messages of all participants, and registers no client", async ({
  environment,
  database,
}) => {
  const acme = await environment.openCompany();
  await processInOrder(
    environment,
    acme,
    ["message", groupMessage(acme, { body: "bom dia, equipe", timestampMs: startMs })],
    ["message", groupMessage(acme, { body: "oi", sender: hidden, timestampMs: startMs + 1_000 })],
    ["message", groupMessage(acme, { body: "olá", direction: 1, sender: undefined, timestampMs: startMs + 2_000 })],
  );
  const { chat, messages } = await groupOf(environment, acme);
  expect(chat).toMatchObject({ waChatId: groupId, client: null, group: { subject: "", isMember: true } });
  expect(messages.map(({ body, sender }) => [body, sender])).toEqual([
    ["olá", undefined],
    ["oi", { name: null, number: null }],
    ["bom dia, equipe", { name: "Bia", number: bia.number }],
  ]);
  const received = acme.events.of("new_message").map(({ data }) => data);
  expect(received[0]).toMatchObject({
    Group: { Subject: "", Notify_All: false },
    Sender: { Name: "Bia", WhatsApp_Number: bia.number },
  });
  expect(received[0]?.Client).toBeUndefined();
  expect(received[1]?.Sender).toEqual({ Name: "", WhatsApp_Number: "" });
  expect(acme.events.of("chat_update")[0]?.data).toMatchObject({
    Group: { Unread_Mentions: 0 },
    Last_Message: { Sender: { Name: "Bia" } },
  });
  expect(JSON.stringify(acme.events.received)).not.toContain(hidden.lid);
  // The barrier is the only client.
  expect(acme.events.of("new_client")).toHaveLength(1);
  expect(await asOwner(database, "select whatsapp_number from clients")).toEqual([
    { whatsapp_number: "5531955554444" },
  ]);
});

test("stores a group's subject, picture and participants, and ignores older and repeated reports", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  const participants: GroupJob["participants"] = [
    { ...caio, role: "member" },
    { ...hidden, role: "member" },
    { ...bia, role: "owner" },
  ];
  const picture = { storageKey: "p", mimeType: "image/jpeg", fileName: null, size: 1, sha256: "0".repeat(64) };
  await processInOrder(
    environment,
    acme,
    ["group", groupJob(acme, { subject: "Entregas", participants, picture, timestampMs: startMs + 2_000 })],
    ["group", groupJob(acme, { subject: "Antigo", participants: [], picture: null, timestampMs: startMs + 1_000 })],
    [
      "group",
      groupJob(acme, { subject: "Entregas", participants: participants.toReversed(), timestampMs: startMs + 3_000 }),
    ],
    ["group", groupJob(acme, { isMember: false, timestampMs: startMs + 4_000 })],
  );
  const { chat } = await groupOf(environment, acme);
  expect(chat.group).toMatchObject({ subject: "Entregas", participantCount: 3, isMember: false });
  expect(chat.group?.pictureUrl).toMatch("/v1/media/");
  expect(await inCompany(environment, acme, ({ groups }) => groups.participants(chat.id))).toEqual([
    { name: "Bia", number: bia.number, role: "owner" },
    { name: "Caio", number: caio.number, role: "member" },
    { name: null, number: null, role: "member" },
  ]);
  const updates = acme.events.of("chat_update").filter(({ data }) => data.Group);
  expect(updates.map(({ data }) => [data.Group?.Participant_Count, data.Group?.Is_Member])).toEqual([
    [3, true],
    [3, false],
  ]);
  // A group without messages is found by its subject, without accents.
  const found = await inCompany(environment, acme, ({ chats }) => chats.list({ limit: 10, search: "ENTRÉGAS" }));
  expect(found.items.map(({ id }) => id)).toEqual([chat.id]);
});

test("shows the name of a client for a participant whose name WhatsApp did not report", async ({ environment }) => {
  const acme = await environment.openCompany();
  const { name: _name, ...unnamed } = bia;
  const poll = { question: "Quando?", options: ["sáb", "dom"], mostChoices: 1 };
  const question = groupMessage(acme, { body: "Quando?", kind: "poll", content: { poll }, sender: caio });
  const sender = { ...unnamed, name: null };
  await processInOrder(
    environment,
    acme,
    ["message", messageJob(acme, { client: { ...bia, name: "Beatriz" } })],
    ["message", question],
    ["message", groupMessage(acme, { body: "oi", sender, timestampMs: startMs + 1_000 })],
    ["reaction", { ...aboutMessage(question), from: "client", sender, emoji: "👍" }],
    ["vote", { ...aboutMessage(question), from: "client", sender, options: ["sáb"] }],
    ["group", groupJob(acme, { participants: [{ ...sender, role: "member" }] })],
  );
  const { chat, messages } = await groupOf(environment, acme);
  const shown = { name: "Beatriz", number: bia.number };
  expect(messages.find(({ body }) => body === "oi")?.sender).toEqual(shown);
  const asked = messages.find(({ body }) => body === "Quando?");
  expect(asked?.reactions).toEqual([
    { Emoji: "👍", From: "client", Sender: { Name: "Beatriz", WhatsApp_Number: bia.number } },
  ]);
  expect(asked?.content?.poll?.votes).toMatchObject([{ from: "client", sender: shown }]);
  expect(await inCompany(environment, acme, ({ groups }) => groups.participants(chat.id))).toMatchObject([shown]);
});

test("reactions and votes of several participants stand side by side, one of each participant", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  const poll = { question: "Quando?", options: ["sáb", "dom"], mostChoices: 1 };
  const asked = groupMessage(acme, { kind: "poll", content: { poll } });
  const about = aboutMessage(asked);
  const later = { ...about, timestampMs: about.timestampMs + 1_000 };
  const from = "client";
  await processInOrder(
    environment,
    acme,
    ["message", asked],
    ["reaction", { ...about, from, sender: bia, emoji: "👍" }],
    ["reaction", { ...about, from, sender: caio, emoji: "❤️" }],
    ["reaction", { ...about, from: "company", emoji: "🎉" }],
    ["reaction", { ...later, from, sender: { number: bia.number, name: null }, emoji: "😂" }],
    ["vote", { ...about, from, sender: bia, options: ["sáb"] }],
    ["vote", { ...about, from, sender: hidden, options: ["dom"] }],
    ["vote", { ...later, from, sender: bia, options: ["dom"] }],
  );
  const { messages } = await groupOf(environment, acme);
  const [message] = messages;
  expect(message?.reactions.map(({ Emoji, From, Sender }) => [Emoji, From, Sender?.WhatsApp_Number])).toEqual([
    ["❤️", "client", caio.number],
    ["🎉", "company", undefined],
    ["😂", "client", bia.number],
  ]);
  expect(message?.content?.poll?.votes?.map(({ sender, options }) => [sender, options])).toEqual([
    [{ name: null, number: null }, ["dom"]],
    [{ name: "Bia", number: bia.number }, ["dom"]],
  ]);
  expect(JSON.stringify(acme.events.received)).not.toContain(hidden.lid);
});

test("keeps the newest reactions of as many participants as a group has", async ({ environment, database }) => {
  const acme = await environment.openCompany();
  const message = groupMessage(acme);
  await processInOrder(environment, acme, ["message", message]);
  await asOwner(
    database,
    `update messages set reactions = (
       select jsonb_agg(jsonb_build_object('emoji', '👍', 'from', 'client', 'atMs', 1, 'sender',
         jsonb_build_object('number', (5511900000000 + n)::text, 'name', null)) order by n) from generate_series(1, 1024) n)
     where wa_key = $1`,
    [message.waKey],
  );
  await processInOrder(environment, acme, [
    "reaction",
    { ...aboutMessage(message), from: "client", sender: bia, emoji: "❤️" },
  ]);
  const [stored] = (await groupOf(environment, acme)).messages;
  expect(stored?.reactions).toHaveLength(1_024);
  expect(stored?.reactions[0]?.Sender?.WhatsApp_Number).toBe("5511900000002");
  expect(stored?.reactions.at(-1)).toMatchObject({ Emoji: "❤️", Sender: { Name: "Bia" } });
});

test("names the participant who wrote a quoted message, stored or not", async ({ environment }) => {
  const acme = await environment.openCompany();
  const original = groupMessage(acme, { body: "Qual?", sender: caio, timestampMs: startMs });
  const answer = (body: string, waKey: string) =>
    groupMessage(acme, {
      ...{ body, timestampMs: startMs + 1_000 },
      quoted: { waKey, direction: 0, kind: "text", body: "cópia", sender: hidden },
    });
  await processInOrder(
    environment,
    acme,
    ["message", original],
    ["message", answer("esse", original.waKey)],
    ["message", answer("aquele", "UNKNOWN")],
  );
  const { messages } = await groupOf(environment, acme);
  const quotedBy = (text: string) => messages.find(({ body }) => body === text)?.quoted;
  expect(quotedBy("esse")).toMatchObject({ body: "Qual?", sender: { name: "Caio", number: caio.number } });
  expect(quotedBy("aquele")).toMatchObject({ body: "cópia", sender: { name: null, number: null } });
});

test("the last message of a chat contains whom it mentions, in the list and in the event", async ({ environment }) => {
  const acme = await environment.openCompany();
  const mentions = [{ text: "82880134910105", number: bia.number }];
  await processInOrder(environment, acme, [
    "message",
    groupMessage(acme, { body: "@82880134910105 oi", context: { mentions }, timestampMs: startMs }),
  ]);
  expect((await groupOf(environment, acme)).chat.lastMessage?.mentions).toEqual(mentions);
  expect(acme.events.of("chat_update")[0]?.data.Last_Message?.Mentions).toEqual(mentions);
});

test("the same key in a group and in a chat with a client names two messages", async ({ environment }) => {
  const acme = await environment.openCompany();
  const waKey = "3EB0SAME";
  const [inGroup, toClient] = [
    groupMessage(acme, { waKey, body: "grupo" }),
    messageJob(acme, { waKey, body: "cliente" }),
  ];
  const edit = { ...aboutMessage(inGroup), editKey: "E1", body: "grupo, corrigido" };
  await processInOrder(environment, acme, ["message", inGroup], ["message", toClient], ["edit", edit]);
  const { messages } = await groupOf(environment, acme);
  expect(messages.map(({ body }) => body)).toEqual(["grupo, corrigido"]);
});

test("a merge and a split of clients leave the messages of groups where they are", async ({ environment }) => {
  const acme = await environment.openCompany();
  await processInOrder(
    environment,
    acme,
    ["message", groupMessage(acme, { body: "no grupo" })],
    ["message", messageJob(acme, { client: { number: bia.number, name: "Bia" } })],
    [
      "message",
      messageJob(acme, { client: { number: bia.lid, lid: bia.lid, name: "Bia" }, waChatId: `${bia.lid}@lid` }),
    ],
    // Proves that both are one person, so the two clients are merged.
    ["message", messageJob(acme, { client: bia })],
  );
  expect(acme.events.of("client_update").some(({ data }) => data.Merged_Into)).toBe(true);
  const { chat, messages } = await groupOf(environment, acme);
  expect(chat).toMatchObject({ client: null, unreadCount: 1 });
  expect(messages.map(({ body }) => body)).toEqual(["no grupo"]);

  await inCompany(environment, acme, async ({ clients, clientAddresses, clientSplits }) => {
    const [client] = (await clients.list({ limit: 1 }, bia.number)).items;
    const addresses = await clientAddresses.list(client?.id ?? "");
    const addressIds = addresses.flatMap(({ id, number, isCurrent }) => (number && isCurrent ? [id] : []));
    expect(await clientSplits.split(client?.id ?? "", { addressIds, from: new Date(0), name: null })).toMatchObject({
      chats: [expect.anything(), expect.anything()],
    });
  });
  expect(await groupOf(environment, acme)).toEqual({ chat, messages });
});
