import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import {
  type Chat,
  type Client,
  channels,
  type DurableEvent,
  keys,
  queues,
  type Role,
  type Session,
} from "@syszap/contracts";
import { connectDatabase, type Database, type OperatorFactorRule } from "@syszap/database";
import { Publisher, splitPayload } from "@syszap/event-bus";
import { createFilesystemStore, type MediaStore } from "@syszap/media-store";
import {
  accountKeyPurpose,
  connectRedis,
  createLogger,
  createMetrics,
  Health,
  type Logger,
  MasterKeys,
  SealedSecrets,
  sessionKeyPurpose,
  whenReady,
} from "@syszap/platform";
import { type DatabaseUrls, databaseTest } from "@syszap/testing";
import { Queue } from "bullmq";
import type { Express } from "express";
import type { Redis } from "ioredis";
import { exportJWK, generateKeyPair } from "jose";
import supertest from "supertest";
import { createApp } from "../../src/app.ts";
import { Passwords } from "../../src/auth/passwords.ts";
import { Tokens } from "../../src/auth/tokens.ts";
import { LogWatcher } from "../../src/consumers/log-watcher.ts";
import { defaultLimits, type Limits } from "../../src/limit-environment.ts";
import { DrawingPool } from "../../src/media/thumbnails/drawing-pool.ts";
import { AccountLinks } from "../../src/people/account-links.ts";
import { PasswordResets } from "../../src/people/password-resets.ts";
import type { SigningKey, SigningKeys } from "../../src/signing-key.ts";
import { drawingEntry } from "./drawing-entry.ts";

export const allowedOrigin = "https://inbox.example.com";
export const password = "correct horse battery staple";
/** A hundredth of the cost in production, which would be a large part of what the tests cost. */
const newPasswords = () => Passwords.create({ memoryCost: 64, timeCost: 1 });
export const passwordHash = newPasswords().then((passwords) => passwords.hash(password));

/** The complete API without a port, on real Postgres, Redis and files. */
export interface Api {
  app: Express;
  request: ReturnType<typeof supertest>;
  database: Database;
  redis: Redis;
  publisher: Publisher;
  queue: Queue;
  tokens: Tokens;
  links: AccountLinks;
  resets: PasswordResets;
  passwords: Passwords;
  media: MediaStore;
  drawing: DrawingPool;
  /** Directory of `media`. */
  mediaDirectory: string;
  /** Parsed log lines. */
  logged: Record<string, unknown>[];
  close: () => Promise<void>;
}

export async function newSigningKey(kid = "key-1"): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  return { ...(await exportJWK(privateKey)), kid } as unknown as SigningKey;
}

const randomKeys = (purpose: string) => MasterKeys.parse(randomBytes(32).toString("base64"), purpose);

export async function openApi(
  urls: DatabaseUrls,
  redisUrl: string,
  {
    sendsMail = false,
    operatorRule = { needsSecondFactor: false },
    limits = {},
    allowPrivateProxies = false,
    signingKeys: givenKeys,
  }: {
    sendsMail?: boolean;
    operatorRule?: OperatorFactorRule;
    allowPrivateProxies?: boolean;
    limits?: Partial<Limits>;
    signingKeys?: SigningKeys;
  } = {},
): Promise<Api> {
  const { log, logged } = recordingLogger();
  // The cast is valid for a single Redis. Tests duplicate this connection to subscribe.
  const redis = connectRedis(redisUrl, "command", log) as Redis;
  const queueRedis = connectRedis(redisUrl, "queue-producer", log);
  await Promise.all([whenReady(redis), whenReady(queueRedis)]);
  const queue = new Queue(queues.inboundMessages, { connection: queueRedis });
  const publisher = new Publisher(redis, log);
  const database = connectDatabase({
    ...urls,
    maxConnections: 4,
    publish: (companyId, events) => publisher.publishDurable(companyId, events),
    log,
  });
  const directory = await mkdtemp(join(tmpdir(), "syszap-media-"));
  const media = createFilesystemStore(directory);
  const signingKeys: SigningKeys = givenKeys ?? [await newSigningKey()];
  const tokens = await Tokens.from(signingKeys);
  const links = new AccountLinks({ signingKeys, publicUrl: allowedOrigin, sendsMail });
  const resets = new PasswordResets({ database, links, log });
  const passwords = await newPasswords();
  const drawing = new DrawingPool(drawingEntry);
  const health = new Health();
  health.addCheck("database", () => database.ping());
  const watcher = new LogWatcher((companyIds) => database.system.eventLog.heads(companyIds), log);
  watcher.start();
  const app = createApp({
    database,
    redis,
    queue,
    publisher,
    media,
    watcher,
    drawing,
    tokens,
    links,
    resets,
    passwords,
    accountSecrets: new SealedSecrets(randomKeys(accountKeyPurpose), "second factor"),
    proxySecrets: new SealedSecrets(randomKeys(sessionKeyPurpose), "proxy"),
    health,
    log,
    metrics: createMetrics("rest-api"),
    settings: {
      allowedOrigins: [allowedOrigin],
      trustedProxies: ["loopback"],
      defaultEngine: "simulator",
      operatorRule,
      allowPrivateProxies,
      pushPublicKey: `B${"k".repeat(86)}`,
      limits: { ...defaultLimits, ...limits },
    },
  });
  const close = async () => {
    await resets.stop();
    await watcher.stop();
    drawing.close();
    await queue.close();
    await database.close();
    redis.disconnect();
    queueRedis.disconnect();
    await rm(directory, { recursive: true });
  };
  return {
    app,
    request: supertest(app),
    database,
    redis,
    publisher,
    queue,
    tokens,
    links,
    resets,
    passwords,
    media,
    drawing,
    mediaDirectory: directory,
    logged,
    close,
  };
}

function recordingLogger(): { log: Logger; logged: Record<string, unknown>[] } {
  const logged: Record<string, unknown>[] = [];
  const destination = new PassThrough();
  destination.on("data", (line: Buffer) => logged.push(JSON.parse(line.toString())));
  return { log: createLogger({ service: "rest-api", level: "info", destination }), logged };
}

export const test = databaseTest.extend<{ api: Api }>({
  api: async ({ database, redisUrl }, use) => {
    const api = await openApi(database, redisUrl);
    await use(api);
    await api.close();
  },
});

export interface TestUser {
  companyId: string;
  userId: string;
  loginId: string;
  role: Role;
  email: string;
  /** Headers of the user's requests: `.set(user.bearer)`. */
  bearer: { Authorization: string };
}

/** Creates a user with an access token, in a new company unless one is given. */
export async function newUser(api: Api, role: Role = "owner", companyId?: string): Promise<TestUser> {
  const { logins, companies } = api.database.system;
  const company = companyId ?? (await companies.create({ name: "Padaria São João" })).id;
  const email = `${randomUUID()}@example.com`;
  const { userId } = await logins.createUser({
    companyId: company,
    email,
    role,
    name: "Ana Souza",
    passwordHash: await passwordHash,
  });
  const loginId = randomUUID();
  const token = await api.tokens.issueAccess({ userId, companyId: company, loginId, role });
  return { companyId: company, userId, loginId, role, email, bearer: { Authorization: `Bearer ${token}` } };
}

export interface Inbox {
  session: Session;
  client: Client;
  chat: Chat;
}
let numbers = 5_511_900_000_000;

/** Creates a session of the company with one client and one inbound message. */
export async function newInbox(api: Api, companyId: string, name = "João"): Promise<Inbox> {
  const number = String(numbers++);
  return api.database.withCompany(companyId, async ({ sessions, clientResolver, chatRecorder, messages }) => {
    const session = await sessions.create({ name: "Vendas", engine: "simulator" });
    const { client } = await clientResolver.touchFromMessage({ number, name, contactAt: new Date() });
    const chat = await chatRecorder.upsert({ sessionId: session.id, waChatId: `${number}@c.us`, clientId: client.id });
    const message = await messages.insertOnce({
      chatId: chat.id,
      sessionId: session.id,
      direction: 0,
      waKey: randomUUID(),
      kind: "text",
      body: "Bom dia",
      status: null,
      mediaId: null,
      timestampMs: Date.now() - 60_000,
      generation: 1,
      receipt: 1,
    });
    if (!message) throw new Error("the message was not stored");
    return { session, client, chat: await chatRecorder.recordMessage(message) };
  });
}

/** Returns all durable events of a company in order. */
export async function eventsOf(api: Api, companyId: string): Promise<DurableEvent[]> {
  const entries = await api.redis.xrangeBuffer(keys.log(channels.company(companyId)), "-", "+");
  return entries.map(([, fields]) => {
    const frame = splitPayload(fields[1] as Buffer)?.frame;
    if (!frame) throw new Error("an entry of the log is not readable");
    return JSON.parse(frame.toString());
  });
}

/** Subscribes to Redis channels. `next` returns the next message; the order within a channel is kept. */
export async function listen(redis: Redis, names: string[]) {
  const subscriber = redis.duplicate({ enableReadyCheck: false });
  const received: { channel: string; message: unknown }[] = [];
  const waiting: ((item: { channel: string; message: unknown }) => void)[] = [];
  subscriber.on("message", (channel: string, text: string) => {
    const item = { channel, message: text.startsWith("{") ? JSON.parse(text) : text };
    const deliver = waiting.shift();
    if (deliver) deliver(item);
    else received.push(item);
  });
  await whenReady(subscriber);
  await subscriber.subscribe(...names);
  return {
    next: () =>
      new Promise<{ channel: string; message: unknown }>((resolve) => {
        const item = received.shift();
        if (item) resolve(item);
        else waiting.push(resolve);
      }),
    close: () => subscriber.disconnect(),
  };
}
