import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { channels, type EventFrame, type EventType, type Session } from "@syszap/contracts";
import { connectDatabase, type Database, migrate } from "@syszap/database";
import { Publisher, splitPayload } from "@syszap/event-bus";
import { connectRedis, createLogger, whenReady } from "@syszap/platform";
import {
  type BuiltService,
  ensureDatabase,
  startBuiltService,
  startPostgres,
  startRedis,
} from "@syszap/testing/servers";
import { type Phone, type StandIn, startStandIn } from "@syszap/whatsapp-web-stand-in";
import { Redis } from "ioredis";
import type { BenchmarkContext } from "../harness/benchmark.ts";

type ReceivedEvent = EventFrame & { receivedMs: number };
const deadlineMs = 90_000;
const log = createLogger({ service: "bench", level: "silent" });

/** Postgres, Redis, WhatsApp's stand-in and one company; on them run the bundles of connector and worker. */
export class WhatsAppEnvironment {
  private heard: ReceivedEvent[] = [];
  private readonly waiting = new Set<(event: ReceivedEvent) => void>();
  private phones = 0;

  private constructor(
    readonly standIn: StandIn,
    readonly companyId: string,
    private readonly record: { database: Database; publisher: Publisher },
    private readonly env: Record<string, string>,
  ) {}

  static async open({ onEnd }: BenchmarkContext): Promise<WhatsAppEnvironment> {
    const directory = await mkdtemp(join(tmpdir(), "syszap-bench-phones-"));
    onEnd(() => rm(directory, { recursive: true, force: true }));
    const urls = await openPostgres(join(directory, "postgres"), onEnd);
    const server = await startRedis();
    onEnd(() => server.stop());
    const standIn = await startStandIn({ syncMs: 0 });
    onEnd(() => standIn.close());
    const redis = connectRedis(server.url, "command", log);
    await whenReady(redis);
    onEnd(async () => redis.disconnect());
    const publisher = new Publisher(redis, log);
    const database = connectDatabase({
      ...{ appUrl: urls.appUrl, systemUrl: urls.systemUrl, maxConnections: 4 },
      publish: async (companyId, events) => void (await publisher.publishDurable(companyId, events)),
    });
    onEnd(() => database.close());
    const { id: companyId } = await database.system.companies.create({ name: "Bench" });
    const env = {
      ...{ NODE_ENV: "production", LOG_LEVEL: "warn", REDIS_URL: server.url },
      ...{ DATABASE_URL: urls.appUrl, SYSTEM_DATABASE_URL: urls.systemUrl },
      ...{ MEDIA_DIRECTORY: join(directory, "media"), PROFILE_DIRECTORY: join(directory, "profiles") },
      ...{ WHATSAPP_WEB_STAND_IN: standIn.address },
    };
    const whatsApp = new WhatsAppEnvironment(standIn, companyId, { database, publisher }, env);
    const listener = new Redis(server.url);
    onEnd(async () => listener.disconnect());
    listener.on("messageBuffer", (_channel: Buffer, payload: Buffer) => whatsApp.hear(payload));
    await listener.subscribe(channels.company(companyId));
    return whatsApp;
  }

  connector(onEnd: BenchmarkContext["onEnd"]): Promise<BuiltService> {
    return this.service("whatsapp-connector", { CONNECTOR_ID: "bench" }, onEnd);
  }
  worker(onEnd: BenchmarkContext["onEnd"]): Promise<BuiltService> {
    return this.service("message-worker", {}, onEnd);
  }

  /** A session of the real engine that nobody wants to run yet, and a phone to link it to. */
  async session(): Promise<{ session: Session; phone: Phone }> {
    this.phones += 1;
    const number = `55119${String(this.phones).padStart(8, "0")}`;
    const session = await this.record.database.withCompany(this.companyId, ({ sessions }) =>
      sessions.create({ name: number, engine: "wppconnect" }),
    );
    return { session, phone: this.standIn.phone(number, "Bench") };
  }

  /** As the API does it when somebody presses Connect or Stop. Answers with when that was. */
  async want(session: Session, state: "running" | "stopped"): Promise<number> {
    this.forget(session);
    const wantedMs = performance.now();
    await this.record.database.withCompany(this.companyId, async ({ sessions, emit }) => {
      const changed = await sessions.setDesiredState(session.id, state);
      if (changed) emit.sessionStatus(changed);
    });
    await this.record.publisher.wake();
    return wantedMs;
  }

  /** What it said until now answers no query that is asked from now on. */
  forget({ id }: Session): void {
    this.heard = this.heard.filter(({ data }) => !("sessionId" in data && data.sessionId === id));
  }

  /** The first such event that was not taken before; with the moment at which it was heard. */
  next<Type extends EventType>(type: Type, matches: (data: EventFrame<Type>["data"]) => boolean) {
    const isIt = (event: ReceivedEvent) => event.type === type && matches(event.data as EventFrame<Type>["data"]);
    type Found = EventFrame<Type> & { receivedMs: number };
    const index = this.heard.findIndex(isIt);
    if (index >= 0) return Promise.resolve(this.heard.splice(index, 1)[0] as unknown as Found);
    return new Promise<Found>((resolve, reject) => {
      const timer = setTimeout(() => reject(this.missing(type)), deadlineMs);
      const take = (event: ReceivedEvent) => {
        if (!isIt(event)) return;
        clearTimeout(timer);
        this.waiting.delete(take);
        this.heard.splice(this.heard.indexOf(event), 1);
        resolve(event as unknown as Found);
      };
      this.waiting.add(take);
    });
  }
  detail(session: Session, detail: string) {
    return this.next("session_status", (data) => data.sessionId === session.id && data.detail === detail);
  }

  private missing(type: EventType): Error {
    const untaken = this.heard.map(({ type, data }) => `${type} ${"detail" in data ? data.detail : ""}`);
    return new Error(`no ${type} within ${deadlineMs} ms; heard and not awaited: ${untaken.slice(-10).join(", ")}`);
  }
  private hear(payload: Buffer): void {
    const parts = splitPayload(payload);
    if (!parts) return;
    const event = { ...(JSON.parse(parts.frame.toString()) as EventFrame), receivedMs: performance.now() };
    this.heard.push(event);
    for (const take of [...this.waiting]) take(event);
  }
  private async service(service: string, env: Record<string, string>, onEnd: BenchmarkContext["onEnd"]) {
    const started = await startBuiltService({ service, env: { ...this.env, ...env } });
    onEnd(() => started.stop(30_000));
    return started;
  }
}

async function openPostgres(dataDirectory: string, onEnd: BenchmarkContext["onEnd"]) {
  const [password, appPassword, systemPassword] = [randomUUID(), randomBytes(16).toString("hex"), randomUUID()];
  const postgres = await startPostgres({ dataDirectory, password, isScratch: true });
  onEnd(() => postgres.destroy());
  const name = "bench";
  await ensureDatabase(postgres.url("postgres"), name);
  await migrate({ ownerUrl: postgres.url(name), appPassword, systemPassword });
  const urlOf = (username: string, password: string) =>
    Object.assign(new URL(postgres.url(name)), { username, password }).href;
  return { appUrl: urlOf("syszap_app", appPassword), systemUrl: urlOf("syszap_system", systemPassword) };
}
