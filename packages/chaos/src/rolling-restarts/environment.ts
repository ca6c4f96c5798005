import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { queues } from "@syszap/contracts";
import { type BuiltService, freePort, type NginxServer, startBuiltService, startNginx } from "@syszap/testing/servers";
import { Queue } from "bullmq";
import { type DataServers, openDataServers } from "../session-kills/environment/data-servers.ts";
import { newSigningKey } from "../session-kills/environment/signing-key.ts";

export type ServiceName = "rest-api" | "ws-gateway" | "message-worker" | "webhook-sender" | "whatsapp-connector";

/** Longer than the two seconds after which the front asks a restarted process again. The default of five only costs time here. */
const drainPauseSeconds = "3";
const stopDeadlineMs = 120_000;

type Closers = (() => Promise<unknown>)[];

interface Services {
  running: Map<string, BuiltService>;
  start: (service: ServiceName, port: number) => Promise<BuiltService>;
  /** Of four gateways, two run. */
  gatewayPorts: readonly number[];
}

/** Every service behind the shipped front, with simulated phones. Two APIs and two gateways run, so that one can be replaced. */
export class RollingEnvironment {
  private constructor(
    readonly front: NginxServer,
    readonly servers: DataServers,
    private readonly services: Services,
    private readonly closers: Closers,
  ) {}

  /** With `previous`, the folder of another release, its processes are the ones that are replaced. */
  static async open(previous?: string): Promise<RollingEnvironment> {
    const closers: Closers = [];
    try {
      return await RollingEnvironment.start(previous, closers);
    } catch (err) {
      await closeAll(closers);
      throw err;
    }
  }

  private static async start(previous: string | undefined, closers: Closers): Promise<RollingEnvironment> {
    const folder = await mkdtemp(join(tmpdir(), "syszap-rolling-"));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const servers = await openDataServers(folder, (end) => closers.push(end));
    const [restApis, gateways] = [await ports(2), await ports(4)];
    const front = await startNginx({ folder, restApis: restApis.map(addressOf), gateways: gateways.map(addressOf) });
    closers.push(() => front.stop());
    const environments = await environmentsOf(folder, servers, front.url);
    const first = { release: previous };
    const start = (service: ServiceName, port: number) =>
      startBuiltService({
        service,
        port,
        ...(first.release !== undefined && { release: first.release }),
        env: environments[service],
        logFile: join(folder, `${service}-${port}.log`),
      });
    const services: Services = { running: new Map(), start, gatewayPorts: gateways };
    closers.push(() => Promise.all([...services.running.values()].map((service) => service.process.kill())));
    const environment = new RollingEnvironment(front, servers, services, closers);
    for (const port of restApis) await environment.run("rest-api", port);
    const single: ServiceName[] = ["message-worker", "webhook-sender", "whatsapp-connector"];
    const others = [
      ...gateways.slice(0, 2).map((port) => ["ws-gateway", port] as const),
      ...(await Promise.all(single.map(async (service) => [service, await freePort()] as const))),
    ];
    await Promise.all(others.map(([service, port]) => environment.run(service, port)));
    first.release = undefined;
    return environment;
  }

  get connectorUrl(): string {
    return this.allOf("whatsapp-connector")[0]?.url ?? "";
  }

  /** Stops one process after the other, and starts the next release in its place. */
  async replaceEach(service: ServiceName): Promise<void> {
    for (const old of this.allOf(service)) {
      await this.end(service, old);
      await this.run(service, old.port);
    }
  }

  /** Starts new gateways, then stops all old ones together, so that no browser moves to a gateway that is stopped next. */
  async replaceGateways(): Promise<void> {
    const old = this.allOf("ws-gateway");
    const unused = this.services.gatewayPorts.filter((port) => !old.some((each) => each.port === port));
    await Promise.all(unused.map((port) => this.run("ws-gateway", port)));
    await Promise.all(old.map((each) => this.end("ws-gateway", each)));
  }

  async stopConnector(): Promise<void> {
    for (const connector of this.allOf("whatsapp-connector")) await this.end("whatsapp-connector", connector);
  }

  /** For a seed after one that stopped it. */
  async requireConnector(): Promise<void> {
    if (this.allOf("whatsapp-connector").length === 0) await this.run("whatsapp-connector", await freePort());
  }

  /** Number of facts that no worker has stored yet. */
  async waitingJobs(): Promise<number> {
    const { hostname: host, port } = new URL(this.servers.redis.current.url);
    const queue = new Queue(queues.inboundMessages, { connection: { host, port: Number(port) } });
    const counts = await queue.getJobCounts("waiting", "active", "delayed", "prioritized");
    await queue.close();
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  }

  close(): Promise<void> {
    return closeAll(this.closers);
  }

  private allOf(service: ServiceName): BuiltService[] {
    return [...this.services.running].filter(([name]) => name.startsWith(service)).map(([, each]) => each);
  }

  private async run(service: ServiceName, port: number): Promise<void> {
    this.services.running.set(`${service} ${port}`, await this.services.start(service, port));
  }

  private async end(service: ServiceName, { process, port }: BuiltService): Promise<void> {
    await process.stop(stopDeadlineMs);
    const code = await process.exited;
    if (code !== 0) throw new Error(`${service} ended with exit code ${code}`);
    this.services.running.delete(`${service} ${port}`);
  }
}

async function closeAll(closers: Closers): Promise<void> {
  for (const close of closers.toReversed()) await close();
}

const addressOf = (port: number) => `127.0.0.1:${port}`;

async function ports(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) found.add(await freePort());
  return [...found];
}

async function environmentsOf(
  folder: string,
  { redis, urls }: DataServers,
  origin: string,
): Promise<Record<ServiceName, Record<string, string>>> {
  const [media, profiles] = [join(folder, "media"), join(folder, "profiles")];
  for (const each of [media, profiles]) await mkdir(each);
  const shared = { NODE_ENV: "development", LOG_LEVEL: "info", REDIS_URL: redis.current.url };
  const stored = { ...shared, DATABASE_URL: urls.appUrl, SYSTEM_DATABASE_URL: urls.systemUrl };
  const edge = { ALLOWED_ORIGINS: origin, TRUSTED_PROXIES: "127.0.0.1", DRAIN_PAUSE_SECONDS: drainPauseSeconds };
  const withoutPacing = { OUTBOUND_GAP_MS: "0", OUTBOUND_GAP_JITTER_MS: "0", OUTBOUND_PER_HOUR: "0" };
  return {
    "rest-api": {
      ...stored,
      ...edge,
      TOKEN_SIGNING_KEY: newSigningKey(),
      ACCOUNT_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
      MEDIA_DIRECTORY: media,
      DEFAULT_ENGINE: "simulator",
      WEBHOOK_ALLOW_PRIVATE: "true",
      LIMIT_TICKETS_PER_MINUTE: "100000",
    },
    "ws-gateway": { ...shared, ...edge, TOKEN_KEY_SET_URL: `${origin}/.well-known/jwks.json` },
    "message-worker": stored,
    "webhook-sender": { ...stored, WEBHOOK_ALLOW_PRIVATE: "true" },
    "whatsapp-connector": {
      ...stored,
      ...withoutPacing,
      MEDIA_DIRECTORY: media,
      PROFILE_DIRECTORY: profiles,
      CONNECTOR_ID: "rolling",
      SIMULATOR_ENABLED: "true",
      SIMULATOR_CONTROL: "true",
    },
  };
}
