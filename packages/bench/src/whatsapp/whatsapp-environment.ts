import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { channels, type EventFrame, type EventType, type Session } from "@syszap/contracts";
import { connectDatabase, type Database } from "@syszap/database";
import { Publisher, splitPayload } from "@syszap/event-bus";
import { connectRedis, createLogger, whenReady } from "@syszap/platform";
import { type BuiltService, startBuiltService, startRedis } from "@syszap/testing/servers";
import { type Phone, type StandIn, startStandIn } from "@syszap/whatsapp-web-stand-in";
import { Redis } from "ioredis";
import type { BenchmarkContext } from "../harness/benchmark.ts";
import { openPostgres } from "../harness/postgres.ts";

type ReceivedEvent = EventFrame & { receivedMs: number };
const deadlineMs = 90_000;
const log = createLogger({ service: "bench", level: "silent" });

/** Postgres, Redis, the stand-in for WhatsApp Web and one company. Starts the bundles of connector and worker. */
export class WhatsAppEnvironment {
  private received: ReceivedEvent[] = [];
  private readonly waiting = new Set<(event: ReceivedEvent) => void>();
  private phones = 0;

  private constructor(
    readonly standIn: StandIn,
    readonly companyId: string,
    private readonly services: { database: Database; publisher: Publisher },
    private readonly env: Record<string, string>,
  ) {}

  static async open({ onEnd }: BenchmarkContext): Promise<WhatsAppEnvironment> {
    const directory = await mkdtemp(join(tmpdir(), "syszap-bench-phones-"));
    onEnd(() => rm(directory, { recursive: true, force: true }));
    const { urls } = await openPostgres(join(directory, "postgres"), onEnd);
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
    listener.on("messageBuffer", (_channel: Buffer, payload: Buffer) => whatsApp.record(payload));
    await listener.subscribe(channels.company(companyId));
    return whatsApp;
  }

  connector(onEnd: BenchmarkContext["onEnd"]): Promise<BuiltService> {
    return this.service("whatsapp-connector", { CONNECTOR_ID: "bench" }, onEnd);
  }

  worker(onEnd: BenchmarkContext["onEnd"]): Promise<BuiltService> {
    return this.service("message-worker", {}, onEnd);
  }

  /** Creates a stopped session of the real engine, and a phone for it. */
  async session(): Promise<{ session: Session; phone: Phone }> {
    this.phones += 1;
    const number = `55119${String(this.phones).padStart(8, "0")}`;
    const session = await this.services.database.withCompany(this.companyId, ({ sessions }) =>
      sessions.create({ name: number, engine: "wppconnect" }),
    );
    return { session, phone: this.standIn.phone(number, "Bench") };
  }

  /** Sets the desired state as the REST API does. Resolves with the time of the request. */
  async setDesiredState(session: Session, state: "running" | "stopped"): Promise<number> {
    this.forget(session);
    const requestedMs = performance.now();
    await this.services.database.withCompany(this.companyId, async ({ sessions, emit }) => {
      const changed = await sessions.setDesiredState(session.id, state);
      if (changed) emit.sessionStatus(changed);
    });
    await this.services.publisher.wake();
    return requestedMs;
  }

  /** Drops the recorded events of a session, so that `next` does not return them. */
  forget({ id }: Session): void {
    this.received = this.received.filter(({ data }) => !("sessionId" in data && data.sessionId === id));
  }

  /** Resolves with the first matching event that was not returned before, and its arrival time. */
  next<Type extends EventType>(type: Type, matches: (data: EventFrame<Type>["data"]) => boolean) {
    const isMatch = (event: ReceivedEvent) => event.type === type && matches(event.data as EventFrame<Type>["data"]);
    type Found = EventFrame<Type> & { receivedMs: number };
    const index = this.received.findIndex(isMatch);
    if (index >= 0) return Promise.resolve(this.received.splice(index, 1)[0] as unknown as Found);
    return new Promise<Found>((resolve, reject) => {
      const timer = setTimeout(() => reject(this.missing(type)), deadlineMs);
      const listener = (event: ReceivedEvent) => {
        if (!isMatch(event)) return;
        clearTimeout(timer);
        this.waiting.delete(listener);
        this.received.splice(this.received.indexOf(event), 1);
        resolve(event as unknown as Found);
      };
      this.waiting.add(listener);
    });
  }

  detail(session: Session, detail: string) {
    return this.next("session_status", (data) => data.sessionId === session.id && data.detail === detail);
  }

  private missing(type: EventType): Error {
    const untaken = this.received.map(({ type, data }) => `${type} ${"detail" in data ? data.detail : ""}`);
    return new Error(`No ${type} within ${deadlineMs} ms. Other received events: ${untaken.slice(-10).join(", ")}`);
  }

  private record(payload: Buffer): void {
    const parts = splitPayload(payload);
    if (!parts) return;
    const event = { ...(JSON.parse(parts.frame.toString()) as EventFrame), receivedMs: performance.now() };
    this.received.push(event);
    for (const listener of [...this.waiting]) listener(event);
  }

  private async service(service: string, env: Record<string, string>, onEnd: BenchmarkContext["onEnd"]) {
    const started = await startBuiltService({ service, env: { ...this.env, ...env } });
    onEnd(() => started.stop(30_000));
    return started;
  }
}
