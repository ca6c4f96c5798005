import { createECDH, randomUUID } from "node:crypto";
import { Chat, channels, type DataOf, Message } from "@syszap/contracts";
import { notePresent, splitPayload } from "@syszap/event-bus";
import { example } from "@syszap/testing";
import { Redis } from "ioredis";
import { expect, onTestFinished } from "vitest";
import { type Company, test as environmentTest, eventually, type TestEnvironment } from "./fixtures.ts";
import { PushService } from "./push-service.ts";

const pair = createECDH("prime256v1");
pair.generateKeys();
const vapid = {
  VAPID_PUBLIC_KEY: pair.getPublicKey("base64url"),
  VAPID_PRIVATE_KEY: Buffer.concat([Buffer.alloc(32 - pair.getPrivateKey().length), pair.getPrivateKey()]).toString(
    "base64url",
  ),
  VAPID_SUBJECT: "mailto:ops@example.com",
};

const test = environmentTest.extend<{ pushService: PushService; redis: Redis }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from this pattern
  pushService: async ({}, use) => {
    const service = await PushService.listen();
    await use(service);
    await service.close();
  },
  redis: async ({ redisUrl }, use) => {
    const redis = new Redis(redisUrl);
    await use(redis);
    redis.disconnect();
  },
});

async function subscribedUser({ db }: TestEnvironment, { companyId }: Company, service: PushService, name: string) {
  const account = { companyId, email: `${randomUUID()}@example.com`, name, role: "agent", passwordHash: "x" } as const;
  const { userId } = await db.system.logins.createUser(account);
  const { loginId } = await db.system.refreshTokens.issue({ companyId, userId });
  const user = { companyId, userId, loginId };
  expect(await db.system.pushSubscriptions.save(user, service.subscription(name), 5)).toBe(true);
  return user;
}

/** Commits the event of a received message. */
async function receive({ db }: TestEnvironment, { companyId, session }: Company, chat = example(Chat)): Promise<void> {
  const message = { direction: 0, chatId: chat.id, sessionId: session.id, body: "segredo do cliente" } as const;
  await db.withCompany(companyId, async ({ emit }) => emit.newMessage(example(Message, message), chat));
}
const aChat = (name: string) => example(Chat, { client: { id: randomUUID(), name } } as never);

/** Answers presence checks as the page of a user who uses it. */
async function answerAs(redis: Redis, { companyId, userId }: { companyId: string; userId: string }): Promise<void> {
  const link = redis.duplicate();
  onTestFinished(() => link.disconnect());
  link.on("messageBuffer", (_channel: Buffer, payload: Buffer) => {
    const { type, data } = JSON.parse(String(splitPayload(payload)?.frame));
    if (type !== "presence_check") return;
    const checkId = (data as DataOf<"presence_check">).Check_Id;
    void notePresent(redis, { companyId, checkId }, userId);
  });
  await link.subscribe(channels.company(companyId));
}

test("pushes a message without its text, encrypted for the browser", async ({ environment, pushService }) => {
  const acme = await environment.openCompany();
  await subscribedUser(environment, acme, pushService, "ana");
  const chat = aChat("Marta");
  await receive(environment, acme, chat);
  await receive(environment, acme, chat);
  await environment.startSender(vapid);
  await eventually(() => pushService.received).toHaveLength(1);
  const [push] = pushService.received;
  expect(push).toMatchObject({
    path: "/ana",
    payload: { chatId: chat.id, name: "Marta", count: 2, language: "pt-BR" },
    claims: { aud: pushService.origin, sub: "mailto:ops@example.com" },
    headers: { topic: chat.id.replaceAll("-", ""), urgency: "high", "content-encoding": "aes128gcm" },
  });
  expect(JSON.stringify(push)).not.toContain("segredo");
});

test("a user whose page is used gets no push", async ({ environment, pushService, redis }) => {
  const acme = await environment.openCompany();
  const present = await subscribedUser(environment, acme, pushService, "present");
  await subscribedUser(environment, acme, pushService, "absent");
  await answerAs(redis, present);
  await receive(environment, acme);
  await environment.startSender(vapid);
  await eventually(() => pushService.received).toHaveLength(1);
  // Both were decided in one transaction, and nothing waits to be sent.
  expect(pushService.received.map(({ path }) => path)).toEqual(["/absent"]);
  expect(await environment.db.system.pushNotices.claim({ limit: 10, forMs: 0 })).toEqual([]);
});

test("removes a subscription that the push service does not know any more", async ({ environment, pushService }) => {
  const acme = await environment.openCompany();
  const user = await subscribedUser(environment, acme, pushService, "ana");
  pushService.status = 410;
  await receive(environment, acme);
  await environment.startSender(vapid);
  await eventually(() => environment.db.system.pushSubscriptions.has(user)).toBe(false);
  expect(pushService.attempts).toBe(1);
});

test("sends what a killed sender had claimed", async ({ environment, pushService }) => {
  const acme = await environment.openCompany();
  await subscribedUser(environment, acme, pushService, "ana");
  await receive(environment, acme, aChat("Marta"));
  const { pushNotices } = environment.db.system;
  await pushNotices.startCheck(randomUUID(), 10);
  await pushNotices.settle({ afterMs: 0, limit: 10 }, async (notices, recipients) =>
    recipients.flatMap(({ companyId, loginIds }) =>
      notices.map(({ chatId, name }) => ({
        companyId,
        loginId: loginIds[0] ?? "",
        chat: { id: chatId, name },
        count: 1,
      })),
    ),
  );
  expect(await pushNotices.claim({ limit: 10, forMs: 1 })).toHaveLength(1);
  await environment.startSender(vapid);
  await eventually(() => pushService.received).toHaveLength(1);
  expect(pushService.received[0]).toMatchObject({ payload: { name: "Marta" } });
});

test("tries again after the push service failed", async ({ environment, pushService }) => {
  const acme = await environment.openCompany();
  await subscribedUser(environment, acme, pushService, "ana");
  await receive(environment, acme);
  pushService.status = 503;
  await environment.startSender(vapid);
  await eventually(() => pushService.attempts).toBe(1);
  pushService.status = 201;
  await eventually(() => pushService.received).toHaveLength(1);
});

test("never connects to an endpoint with a private address", async ({ environment, pushService }) => {
  const acme = await environment.openCompany();
  const user = await subscribedUser(environment, acme, pushService, "ana");
  await receive(environment, acme);
  const { port } = await environment.startSender({ ...vapid, WEBHOOK_ALLOW_PRIVATE: "false" });
  const metrics = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  await eventually(metrics).toMatch(/push_attempts_total\{[^}]*result="failed"[^}]*\} 1/);
  expect(pushService.attempts).toBe(0);
  expect(await environment.db.system.pushSubscriptions.has(user)).toBe(true);
});

test("makes no notice for sent, late and muted messages, and none for companies without a subscription", async ({
  environment,
  pushService,
}) => {
  const [acme, other] = [await environment.openCompany(), await environment.openCompany()];
  await subscribedUser(environment, acme, pushService, "ana");
  const group = (notifyAll: boolean) => example(Chat, { client: null, group: { subject: "Obra", notifyAll } } as never);
  await environment.db.withCompany(acme.companyId, async ({ emit }) => {
    const message = (overrides: object) => example(Message, { direction: 0, sessionId: acme.session.id, ...overrides });
    emit.newMessage(message({ direction: 1 }), example(Chat));
    emit.newMessage(message({}), example(Chat), true);
    emit.newMessage(message({}), group(false));
  });
  await receive(environment, other);
  const { pushNotices } = environment.db.system;
  expect(await pushNotices.startCheck(randomUUID(), 10)).toEqual([]);
  await environment.db.withCompany(acme.companyId, async ({ emit }) => {
    const message = (overrides: object) => example(Message, { direction: 0, sessionId: acme.session.id, ...overrides });
    emit.newMessage(message({ mentionsUs: true }), group(false));
    emit.newMessage(message({}), group(true));
  });
  expect(await pushNotices.startCheck(randomUUID(), 10)).toEqual([acme.companyId]);
});
