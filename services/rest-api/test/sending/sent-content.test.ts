import { randomUUID } from "node:crypto";
import { engines, type MessageKind, sendables } from "@syszap/contracts";
import { expect } from "vitest";
import { checkCapability } from "../../src/sending/engine-capability.ts";
import { type Api, eventsOf, newInbox, newUser, type TestUser, test } from "../support/api-test.ts";

const send = (api: Api, user: TestUser) => (chatId: string, body: object, key?: string) =>
  api.request
    .post(`/v1/chats/${chatId}/messages`)
    .set(key === undefined ? user.bearer : { ...user.bearer, "Idempotency-Key": key })
    .send(body);

const upload = async (api: Api, user: TestUser, bytes: Buffer, type: string) => {
  const { body } = await api.request
    .post("/v1/media")
    .set({ ...user.bearer, "Content-Type": type })
    .send(bytes)
    .expect(201);
  return body.id as string;
};

/** The first page of an Ogg stream whose first packet begins with `codec`. */
const ogg = (codec: string) =>
  Buffer.concat([Buffer.from("OggS"), Buffer.alloc(24), Buffer.from(codec), Buffer.alloc(64)]);
const png = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.alloc(64, 1)]);

async function newChat(api: Api) {
  const user = await newUser(api, "agent");
  const { chat, session } = await newInbox(api, user.companyId);
  return { user, chat, session, sends: send(api, user) };
}
const lastNewMessage = async (api: Api, companyId: string) =>
  (await eventsOf(api, companyId)).filter(({ type }) => type === "new_message").at(-1)?.data;

const card = { name: "Bia Lima", numbers: [{ text: "+55 11 98888-7777", whatsAppNumber: "5511988887777" }] };
const poll = { question: "Qual dia?", options: ["Seg", "Ter"] };

test("queues contact cards and polls with their content, and publishes them", async ({ api }) => {
  const { user, chat, sends } = await newChat(api);
  const { body: contact } = await sends(chat.id, { contacts: [card, { ...card, name: "Rui" }] }).expect(202);
  const contacts = [
    { ...card, organisation: null },
    { ...card, name: "Rui", organisation: null },
  ];
  expect(contact).toMatchObject({ type: 8, body: "Bia Lima, Rui", status: "queued", content: { contacts } });
  const { body: asked } = await sends(chat.id, { poll, replyTo: contact.id }).expect(202);
  const content = { poll: { ...poll, mostChoices: 1 } };
  expect(asked).toMatchObject({ type: 9, body: "Qual dia?", content, quoted: { id: contact.id } });
  expect(await lastNewMessage(api, user.companyId)).toMatchObject({ Id: asked.id, Type: 9, Content: content });
});

test.for([
  [{ contacts: [] }, "contacts"],
  [{ contacts: [{ name: " ", numbers: card.numbers }] }, "contacts.0.name"],
  [{ contacts: [{ name: "Bia", numbers: [] }] }, "contacts.0.numbers"],
  [
    { contacts: [{ name: "Bia", numbers: [{ text: "1", whatsAppNumber: "+55 11" }] }] },
    "contacts.0.numbers.0.whatsAppNumber",
  ],
  [{ contacts: Array(11).fill(card) }, "contacts"],
  [{ poll: { question: "", options: ["a", "b"] } }, "poll.question"],
  [{ poll: { question: "?", options: ["a"] } }, "poll.options"],
  [{ poll: { question: "?", options: ["a", " a "] } }, "poll.options"],
  [{ poll: { question: "?", options: Array.from({ length: 13 }, (_, at) => `${at}`) } }, "poll.options"],
  [{ poll: { question: "?", options: ["a", "b"], mostChoices: 3 } }, "poll.mostChoices"],
  [{ poll, body: "legenda" }, "body"],
  [{ forward: { messageId: randomUUID() }, replyTo: randomUUID() }, "replyTo"],
  [{ poll, contacts: [card] }, "body"],
] as const)("refuses %j and names the field %s", async ([body, path], { api }) => {
  const { chat, sends } = await newChat(api);
  const { body: problem } = await sends(chat.id, body).expect(422);
  expect(problem.errors.map((error: { path: string }) => error.path)).toContain(path);
});

test("sends Opus in Ogg as a voice note, and refuses any other codec", async ({ api }) => {
  const { user, chat, sends } = await newChat(api);
  const voice = await upload(api, user, ogg("OpusHead"), "audio/ogg");
  const { body } = await sends(chat.id, { media: { id: voice, as: "voice" } }).expect(202);
  expect(body).toMatchObject({ type: 4, media: { id: voice, mimeType: "audio/ogg" } });
  for (const bytes of [ogg("\u0001vorbis\u0000\u0000"), Buffer.from("OggS plus")]) {
    const other = await upload(api, user, bytes, "audio/ogg");
    const { body: problem } = await sends(chat.id, { media: { id: other, as: "voice" } }).expect(422);
    expect(problem.errors[0].path).toBe("media.as");
  }
});

test("sends a picture as a sticker, and refuses a text that WhatsApp would not show", async ({ api }) => {
  const { user, chat, sends } = await newChat(api);
  const picture = await upload(api, user, png, "image/png");
  const { body } = await sends(chat.id, { media: { id: picture, as: "sticker" } }).expect(202);
  expect(body).toMatchObject({ type: 6, media: { id: picture } });
  const sound = await upload(api, user, ogg("OpusHead"), "audio/ogg");
  for (const media of [{ id: picture, as: "sticker" }, { id: sound }, { id: sound, as: "voice" }]) {
    const { body: problem } = await sends(chat.id, { media, body: "legenda" }).expect(422);
    expect(problem.errors[0].path).toBe("body");
  }
  await sends(chat.id, { media: { id: picture }, body: "legenda" }).expect(202);
});

test("refuses with 409 what the engine of the session does not declare", () => {
  const weak = {
    simulator: { capabilities: { ...engines.simulator.capabilities, sends: ["text", "image"] as const } },
  };
  const refuse = (operation: Parameters<typeof checkCapability>[1]) => () =>
    checkCapability("simulator", operation, weak);
  const problem = (path: string) =>
    expect.objectContaining({ problem: "not_supported", details: { errors: [expect.objectContaining({ path })] } });
  expect(refuse({ body: "oi" })).not.toThrow();
  expect(refuse({ body: "oi", kind: "image" })).not.toThrow();
  expect(refuse({ body: "", kind: "contact" })).toThrow(problem("contacts"));
  expect(refuse({ body: "", kind: "poll" })).toThrow(problem("poll"));
  expect(refuse({ body: "", kind: "voice" })).toThrow(problem("voice"));
  expect(refuse({ body: "oi", quotes: randomUUID() })).toThrow(problem("replyTo"));
  expect(refuse({ body: "oi", forwards: randomUUID() })).toThrow(problem("forward"));
  expect(refuse({ body: "👍", changes: { messageId: randomUUID(), change: "reaction" } })).toThrow(problem("reaction"));
});

test("declares every kind that can be sent for both engines", () => {
  for (const { capabilities } of Object.values(engines)) expect(capabilities.sends).toEqual(sendables);
});

const kinds: MessageKind[] = ["text", "image"];
test.for(kinds)(
  "forwards a received %s to another chat, marked as forwarded, with the same content",
  async (kind, { api }) => {
    const { user, chat, sends } = await newChat(api);
    const other = await newInbox(api, user.companyId, "Rui");
    const picture = await upload(api, user, png, "image/png");
    const received = await receive(api, user.companyId, chat, {
      kind,
      body: "olha",
      mediaId: kind === "image" ? picture : null,
    });
    const { body: forwarded } = await sends(other.chat.id, { forward: { messageId: received.id } }).expect(202);
    expect(forwarded).toMatchObject({
      chatId: other.chat.id,
      type: received.type,
      body: "olha",
      media: kind === "image" ? { id: picture } : null,
      context: { forwarded: "once" },
    });
    // A message of our own is sent again without the mark, unless it was forwarded itself.
    const { body: own } = await sends(chat.id, { body: "nossa" }).expect(202);
    const { body: again } = await sends(other.chat.id, { forward: { messageId: own.id } }).expect(202);
    expect(again.context).toBeUndefined();
    const { body: chain } = await sends(chat.id, { forward: { messageId: forwarded.id } }).expect(202);
    expect(chain.context).toEqual({ forwarded: "once" });
    const often = await receive(api, user.companyId, chat, {
      kind: "text",
      body: "corrente",
      mediaId: null,
      context: { forwarded: "often" },
    });
    const { body: oftenAgain } = await sends(other.chat.id, { forward: { messageId: often.id } }).expect(202);
    expect(oftenAgain.context).toEqual({ forwarded: "often" });
  },
);

test("returns the first forward for a repeated key after the original was deleted", async ({ api }) => {
  const { user, chat, session, sends } = await newChat(api);
  const other = await newInbox(api, user.companyId, "Rui");
  const waKey = randomUUID();
  const received = await receive(api, user.companyId, chat, { kind: "text", body: "apague", mediaId: null, waKey });
  const key = randomUUID();
  const { body: first } = await sends(other.chat.id, { forward: { messageId: received.id } }, key).expect(202);
  await api.database.withCompany(user.companyId, ({ messageChanges }) =>
    messageChanges.applyRevoke({ sessionId: session.id, direction: 0, waKey }, { timestampMs: Date.now() }),
  );
  const { body: again } = await sends(other.chat.id, { forward: { messageId: received.id } }, key).expect(202);
  expect(again).toMatchObject({ id: first.id, body: "apague" });
  await sends(other.chat.id, { forward: { messageId: received.id } }).expect(409);
  await sends(chat.id, { forward: { messageId: received.id } }, key).expect(409);
  await sends(other.chat.id, { body: "apague" }, key).expect(409);
});

test("forwards neither messages of other companies nor view-once messages, polls and missing files", async ({
  api,
}) => {
  const { user, chat, sends } = await newChat(api);
  const stranger = await newChat(api);
  const { body: foreign } = await stranger.sends(stranger.chat.id, { body: "alheia" }).expect(202);
  await sends(chat.id, { forward: { messageId: foreign.id } }).expect(404);
  const { body: asked } = await sends(chat.id, { poll }).expect(202);
  await sends(chat.id, { forward: { messageId: asked.id } }).expect(409);
  const secret = await receive(api, user.companyId, chat, {
    kind: "image",
    body: "",
    mediaId: null,
    context: { isViewOnce: true },
  });
  await sends(chat.id, { forward: { messageId: secret.id } }).expect(409);
  const missing = {
    state: "pending" as const,
    reason: "slow",
    mimeType: "image/png",
    fileName: null,
    size: 3,
    limit: null,
  };
  const late = await receive(api, user.companyId, chat, {
    kind: "image",
    body: "",
    mediaId: null,
    missingMedia: missing,
  });
  await sends(chat.id, { forward: { messageId: late.id } }).expect(409);
});

type Received = Parameters<Parameters<Parameters<Api["database"]["withCompany"]>[1]>[0]["messages"]["insertOnce"]>[0];
/** Stores a message of the client. */
async function receive(
  api: Api,
  companyId: string,
  chat: { id: string; sessionId: string },
  message: Pick<Received, "kind" | "body" | "mediaId"> & Partial<Received>,
) {
  const stored = await api.database.withCompany(companyId, ({ messages }) =>
    messages.insertOnce({
      sessionId: chat.sessionId,
      chatId: chat.id,
      direction: 0,
      waKey: randomUUID(),
      status: null,
      timestampMs: Date.now(),
      generation: 0,
      receipt: 0,
      ...message,
    }),
  );
  if (!stored) throw new Error("the message was stored before");
  return stored;
}
