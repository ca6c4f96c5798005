import { randomUUID } from "node:crypto";
import type { Message, MessageTimeline } from "@syszap/contracts";
import { jobIdOf } from "@syszap/queues";
import { expect } from "vitest";
import { type Api, type Inbox, newInbox, newUser, test } from "../support/api-test.ts";
import { signInFirstOperator } from "../support/operator.ts";

const secret = "o segredo da padaria";
const occurredAtMs = Date.now() - 90_000;

/** Stores a received message as a worker does, and its job as a connector does. */
async function receive(api: Api, companyId: string, { session, client, chat }: Inbox): Promise<Message> {
  const key = { companyId, sessionId: session.id, direction: 0, waKey: randomUUID() } as const;
  const fact = { body: secret, kind: "text", timestampMs: occurredAtMs, generation: 1, receipt: 2 } as const;
  const job = {
    ...key,
    ...fact,
    waChatId: `${client.whatsappNumber}@c.us`,
    receivedAtMs: occurredAtMs + 1_000,
    isHistory: false,
  };
  await api.queue.add("message", job, { jobId: jobIdOf("message", job) });
  return api.database.withCompany(companyId, async (unit) => {
    const message = await unit.messages.insertOnce({ ...key, ...fact, chatId: chat.id, status: null, mediaId: null });
    if (!message) throw new Error("the message was not stored");
    unit.emit.newMessage(message, { ...(await unit.chatRecorder.recordMessage(message)), client });
    return message;
  });
}

const stagesOf = ({ stages }: MessageTimeline) => stages.map(({ stage, state }) => [stage, state]);

test("shows operators the stages of a received message without its contents, and records it", async ({ api }) => {
  const owner = await newUser(api);
  const operator = await signInFirstOperator(api);
  const inbox = await newInbox(api, owner.companyId);
  const webhook = { url: "https://receiver.example.com/hook", eventTypes: ["new_message"] };
  const { body: created } = await api.request.post("/v1/webhooks").set(owner.bearer).send(webhook).expect(201);
  await api.request.post("/v1/consumers").set(owner.bearer).send({ name: "erp" }).expect(200);
  const message = await receive(api, owner.companyId, inbox);

  const read = async (): Promise<MessageTimeline> => {
    const path = `/v1/operator/messages/${message.id}/timeline`;
    const { body, text } = await api.request.get(path).set(operator.bearer).expect(200);
    expect(text).not.toMatch(new RegExp(`${secret}|João|${inbox.client.whatsappNumber}`));
    return body;
  };
  // The event log is written shortly after the commit.
  await expect.poll(async () => stagesOf(await read())).toContainEqual(["published", "new_message"]);
  const timeline = await read();
  expect(timeline).toMatchObject({
    ...{ messageId: message.id, companyId: owner.companyId, sessionId: inbox.session.id, direction: 0, status: null },
  });
  expect(stagesOf(timeline)).toEqual([
    ["whatsapp", null],
    ["received", null],
    ["job_queued", null],
    ["job_started", null],
    ["job_finished", "waiting"],
    ["stored", null],
    ["published", "new_message"],
    ["webhook", "new_message waiting"],
    ["consumer", "behind"],
  ]);
  const at = Object.fromEntries(timeline.stages.map((stage) => [stage.stage, stage]));
  expect(at.whatsapp?.at).toBe(new Date(occurredAtMs).toISOString());
  expect(at.received).toMatchObject({
    at: new Date(occurredAtMs + 1_000).toISOString(),
    process: "lease generation 1",
  });
  expect(at.webhook).toMatchObject({ at: null, attempts: 0, id: created.id });
  expect(at.job_started?.at).toBeNull();
  for (const stage of ["job_queued", "stored", "published"])
    expect(Date.parse(at[stage]?.at ?? "")).toBeGreaterThan(occurredAtMs);

  const { body: audit } = await api.request.get("/v1/audit?action=message_traced").set(owner.bearer).expect(200);
  expect(audit.items[0]).toMatchObject({ actor: { kind: "operator" }, target: { kind: "message", id: message.id } });
});

test("shows the attempts of a sent message with their connector, and each status that was published", async ({
  api,
}) => {
  const owner = await newUser(api);
  const operator = await signInFirstOperator(api);
  const { chat, session } = await newInbox(api, owner.companyId);
  const path = `/v1/chats/${chat.id}/messages`;
  const { body: message } = await api.request.post(path).set(owner.bearer).send({ body: secret }).expect(202);
  await api.database.withCompany(owner.companyId, ({ sessions }) => sessions.setDesiredState(session.id, "running"));
  const [lease] = await api.database.system.leases.claim({ connectorId: "connector-7", limit: 1, holding: [] });
  if (!lease) throw new Error("no session to claim");
  await api.database.withCompany(owner.companyId, async (unit) => {
    const claimed = await unit.outboundQueue.claimNext(lease);
    const key = { sessionId: session.id, direction: 1, waKey: claimed?.waKey ?? "" } as const;
    const sent = await unit.messageChanges.advanceStatus(key, "sent", { atMs: Date.now() });
    if (sent && sent !== "absent") unit.emit.messageStatus(sent);
  });
  const read = async (): Promise<MessageTimeline> =>
    (await api.request.get(`/v1/operator/messages/${message.id}/timeline`).set(operator.bearer).expect(200)).body;
  await expect.poll(async () => stagesOf(await read())).toContainEqual(["published", "message_status sent"]);
  const timeline = await read();
  expect(timeline).toMatchObject({ direction: 1, status: "sent", attempts: 1 });
  expect(stagesOf(timeline)).toEqual([
    ["created", null],
    ["attempted", null],
    ["published", "new_message"],
    ["published", "message_status sent"],
  ]);
  expect(timeline.stages[1]).toMatchObject({ process: "connector-7", attempts: 1 });
});

test("finds a message of any company, and answers 404 for an unknown id and 403 for users", async ({ api }) => {
  await newUser(api);
  const owner = await newUser(api);
  await newUser(api);
  const operator = await signInFirstOperator(api);
  const message = await receive(api, owner.companyId, await newInbox(api, owner.companyId));
  const get = (id: string, bearer: { Authorization: string }) =>
    api.request.get(`/v1/operator/messages/${id}/timeline`).set(bearer);
  await get(message.id, operator.bearer).expect(200);
  await get(randomUUID(), operator.bearer).expect(404);
  await get(message.id, owner.bearer).expect(401);
});
