import type { JobName, Jobs, Message, MessageJob } from "@syszap/contracts";
import { expect } from "vitest";
import { createProcessors } from "../src/processors/index.ts";
import { expireMessage } from "../src/processors/revoke.ts";
import { asOwner, type Company, messageJob, type TestEnvironment, test } from "./fixtures.ts";

const second = 1_700_000_000_000;
const bia = { number: "5521977776666", name: "Bia" };
const keyOf = ({ companyId, sessionId, waKey, direction, waChatId }: MessageJob) => ({
  companyId,
  sessionId,
  waKey,
  direction,
  waChatId,
});

/** The messages of all chats, newest first. */
async function messagesOf(environment: TestEnvironment, { companyId }: Company): Promise<Message[]> {
  return environment.db.withCompany(companyId, async ({ chats, messages }) => {
    const found: Message[] = [];
    for (const { id } of (await chats.list({ limit: 10 })).items)
      found.push(...(await messages.listBefore(id, { limit: 50 })).items);
    return found;
  });
}

/** Adds jobs under the ids of production, to a worker that processes one at a time, and waits until all are processed. */
async function processInOrder(
  environment: TestEnvironment,
  acme: Company,
  ...jobs: { [Name in JobName]: [Name, Jobs[Name]] }[JobName][]
) {
  await environment.startWorker({ CONCURRENCY: "1" });
  for (const [name, job] of jobs) await environment.add(name, job);
  const last = messageJob(acme, { body: "barrier", client: { number: "5531955554444", name: null } });
  await environment.add("message", last);
  await acme.events.next(({ type, data }) => type === "new_message" && (data as { Body: string }).Body === "barrier");
}

test("shows the stored original of a quote, or WhatsApp's copy, or neither", async ({ environment, database }) => {
  const acme = await environment.openCompany();
  const question = messageJob(acme, { body: "Qual deles?", timestampMs: second });
  const answer = (body: string, waKey: string, copy: string) =>
    messageJob(acme, {
      body,
      timestampMs: second + 1_000,
      quoted: { waKey, direction: null, kind: "text", body: copy },
    });
  await processInOrder(
    environment,
    acme,
    ["message", question],
    ["message", answer("esse", question.waKey, "a copy that is not needed")],
    ["message", answer("aquele", "UNKNOWN", "só a cópia")],
    ["message", answer("nenhum", "UNKNOWN", "")],
  );
  const events = new Map(acme.events.of("new_message").map(({ data }) => [data.Body, data]));
  const original = { Id: events.get("Qual deles?")?.Id, Direction: 0, Type: 0, Body: "Qual deles?" };
  expect(events.get("esse")?.Quoted).toEqual(original);
  expect(events.get("aquele")?.Quoted).toEqual({ Id: null, Direction: 0, Type: 0, Body: "só a cópia" });
  expect(events.get("nenhum")?.Quoted).toBeUndefined();
  const read = new Map((await messagesOf(environment, acme)).map((message) => [message.body, message]));
  expect(read.get("esse")?.quoted).toEqual({ id: original.Id, direction: 0, type: 0, body: "Qual deles?" });
  expect(read.get("aquele")?.quoted).toMatchObject({ id: null, body: "só a cópia" });
  expect(read.get("nenhum")?.quoted).toBeUndefined();

  const { revoke } = createProcessors(environment.db);
  await revoke({ ...keyOf(question), timestampMs: second + 9_000 });
  const after = (await messagesOf(environment, acme)).find(({ body }) => body === "esse");
  expect(after?.quoted).toMatchObject({ body: "", revokedAt: new Date(second + 9_000).toISOString() });
  const texts = await asOwner(
    database,
    "select count(*)::int as count from messages where quoted::text like '%not needed%'",
  );
  expect(texts).toEqual([{ count: 0 }]);
});

test("finds the original of a quote that is stored in the same batch, and of one that our side wrote", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  const { message } = createProcessors(environment.db);
  const question = messageJob(acme, { body: "Posso?", direction: 1, status: "sent" });
  const quoted = { waKey: question.waKey, direction: null, kind: "text", body: "" } as const;
  await Promise.all([message(question), message(messageJob(acme, { body: "pode", quoted }))]);
  const answer = (await messagesOf(environment, acme)).find(({ body }) => body === "pode");
  expect(answer?.quoted).toMatchObject({ body: "Posso?", direction: 1 });
});

test("stores the same key of two contacts as two messages, and applies facts to the right one", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  const ana = messageJob(acme, { body: "sou a Ana" });
  const other = messageJob(acme, { body: "sou a Bia", waKey: ana.waKey, client: bia });
  const edit = (job: MessageJob, body: string) => ({ ...keyOf(job), editKey: body, body, timestampMs: second + 5_000 });
  await processInOrder(
    environment,
    acme,
    ["message", ana],
    ["message", other],
    ["message", { ...other, receipt: 99 }],
    ["edit", edit(other, "sou a Beatriz")],
    ["edit", edit(ana, "sou a Ana Lúcia")],
  );
  const bodies = (await messagesOf(environment, acme)).map(({ body }) => body);
  expect(bodies.filter((body) => body.startsWith("sou"))).toHaveLength(2);
  expect(bodies).toEqual(expect.arrayContaining(["sou a Beatriz", "sou a Ana Lúcia"]));
});

test("sorts a client's message of the same second below ours", async ({ environment }) => {
  const acme = await environment.openCompany();
  const { message } = createProcessors(environment.db);
  const question = { body: "pergunta", direction: 1, status: "sent" } as const;
  await message(messageJob(acme, { body: "antes", timestampMs: second }));
  await message(messageJob(acme, { ...question, timestampMs: second + 437 }));
  await message(messageJob(acme, { body: "resposta", timestampMs: second }));
  await message(messageJob(acme, { ...question, body: "depois", timestampMs: second + 1_200 }));
  const bodies = (await messagesOf(environment, acme)).map(({ body }) => body);
  expect(bodies).toEqual(["depois", "resposta", "pergunta", "antes"]);
});

test("applies reactions of the same time in the order of arrival", async ({ environment }) => {
  const acme = await environment.openCompany();
  const job = messageJob(acme);
  const reaction = (emoji: string) => ({ ...keyOf(job), from: "client" as const, emoji, timestampMs: second });
  await processInOrder(environment, acme, ["message", job], ["reaction", reaction("👍")], ["reaction", reaction("")]);
  expect((await messagesOf(environment, acme)).find(({ body }) => body === job.body)?.reactions).toEqual([]);
});

const permutations = <Item>(items: Item[]): Item[][] =>
  items.length < 2
    ? [items]
    : items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));

const receipts = [
  ["failed", 1],
  ["sent", 2],
  ["failed", 3],
] as const;

test.for(permutations([...receipts]))(
  "the latest of failed and sent wins in the order %j",
  async (order, { environment }) => {
    const acme = await environment.openCompany();
    const job = messageJob(acme, { direction: 1, status: "queued" });
    const acks = order.map(([status, at]): ["ack", Jobs["ack"]] => [
      "ack",
      { ...keyOf(job), status, timestampMs: second + at },
    ]);
    await processInOrder(environment, acme, ["message", job], ...acks);
    expect((await messagesOf(environment, acme)).find(({ direction }) => direction === 1)?.status).toBe("failed");
  },
);

test("counts the votes of each side once, the newest of them, also when a vote arrives before its poll", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  const poll = { question: "Quando?", options: ["Seg", "Ter"], mostChoices: 1 };
  const job = messageJob(acme, { kind: "poll", body: poll.question, direction: 1, status: "sent", content: { poll } });
  const vote = (from: "client" | "company", options: string[], at: number) =>
    ["vote", { ...keyOf(job), from, options, timestampMs: second + at }] as ["vote", Jobs["vote"]];
  await processInOrder(
    environment,
    acme,
    vote("client", ["Seg"], 1),
    ["message", job],
    vote("company", ["Ter"], 2),
    vote("client", ["Ter"], 3),
    vote("client", ["Seg"], 2),
  );
  const read = (await messagesOf(environment, acme)).find(({ type }) => type === 9);
  const votes = read?.content?.poll?.votes ?? [];
  expect(votes.map(({ from, options }) => [from, options])).toEqual([
    ["company", ["Ter"]],
    ["client", ["Ter"]],
  ]);
  const updates = acme.events.of("message_update");
  expect(updates.map(({ data }) => data.Change)).toEqual(["vote", "vote", "vote"]);
  expect(updates.at(-1)?.data.Content?.poll?.votes).toEqual(votes);
});

test("a live location shows its newest position and its end, in any order of arrival, and does not begin again", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  const location = { latitude: -23, longitude: -46, name: null, address: null };
  const liveUntil = new Date(second + 3_600_000).toISOString();
  const job = messageJob(acme, {
    ...{
      kind: "location",
      body: "",
      timestampMs: second,
      content: { location: { ...location, isLive: true, liveUntil } },
    },
  });
  const still = messageJob(acme, { kind: "location", body: "parada", timestampMs: second, content: { location } });
  const move = (of: MessageJob, latitude: number, at: number, hasEnded = false) =>
    ["location", { ...keyOf(of), latitude, longitude: -46, hasEnded, timestampMs: second + at }] as [
      "location",
      Jobs["location"],
    ];
  await processInOrder(
    environment,
    acme,
    move(job, -25, 2_000),
    ["message", job],
    move(job, -24, 1_000),
    move(job, -27, 4_000, true),
    move(job, -26, 3_000),
    ["message", still],
    move(still, -20, 5_000),
  );
  const read = await messagesOf(environment, acme);
  const endedAt = new Date(second + 4_000).toISOString();
  const ended = { ...location, latitude: -27, isLive: true, updatedAt: endedAt, liveUntil: endedAt };
  expect(read.find(({ body }) => body === "")?.content).toEqual({ location: ended });
  expect(read.find(({ body }) => body === "parada")?.content).toEqual({ location });
  const updates = acme.events.of("message_update");
  expect(updates.map(({ data }) => data.Change)).toEqual(["location", "location"]);
  expect(updates.at(-1)?.data.Content?.location).toEqual(ended);
});

test("erases a disappearing message when its time has come, and not before", async ({ environment, database }) => {
  const acme = await environment.openCompany();
  const { message } = createProcessors(environment.db);
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  await message(messageJob(acme, { body: "some logo", context: { expiresAt } }));
  const [stored] = await messagesOf(environment, acme);
  expect(stored).toMatchObject({ body: "some logo", context: { expiresAt } });
  const id = stored?.id ?? "";
  expect(await environment.db.system.dueRemovals.listExpired()).toEqual([]);
  await environment.db.withCompany(acme.companyId, (unit) => expireMessage(unit, id));
  expect((await messagesOf(environment, acme))[0]?.body).toBe("some logo");

  await asOwner(database, "update messages set expires_at = now() - interval '1 second'");
  await environment.startWorker();
  const erased = await acme.events.next(({ type }) => type === "message_update");
  expect(erased.data).toMatchObject({ Id: id, Change: "revoked", Body: "" });
  const [after] = await messagesOf(environment, acme);
  expect(after).toMatchObject({ body: "", context: { expiresAt } });
  expect(after?.revokedAt).not.toBeNull();
});

test("a deleted message has no content, no quote and no context", async ({ environment }) => {
  const acme = await environment.openCompany();
  const order = { title: "Pedido 12", items: [], itemCount: 2, total: { amount: 45.9, currency: "BRL" }, note: null };
  const job = messageJob(acme, {
    body: "Pedido 12",
    content: { order },
    context: { forwarded: "often", ad: { title: "Promoção", description: null, url: null } },
    quoted: { waKey: "Q", direction: 0, kind: "text", body: "citado" },
  });
  const { message, revoke } = createProcessors(environment.db);
  await message(job);
  expect((await messagesOf(environment, acme))[0]).toMatchObject({
    content: { order },
    context: { forwarded: "often" },
  });
  await revoke({ ...keyOf(job), timestampMs: second });
  const [deleted] = await messagesOf(environment, acme);
  expect(deleted).toMatchObject({ body: "" });
  expect([deleted?.content, deleted?.context, deleted?.quoted]).toEqual([undefined, undefined, undefined]);
});
