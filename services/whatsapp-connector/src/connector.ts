import { join } from "node:path";
import { queues } from "@syszap/contracts";
import { companyConnections, connectDatabase, type Database } from "@syszap/database";
import { announceInstance, CommandSubscriber, Publisher } from "@syszap/event-bus";
import { type MediaStore, openMediaStore, openPrivateStore, startIncomingSweep } from "@syszap/media-store";
import {
  connectRedis,
  createMetrics,
  Health,
  type Lifecycle,
  type Logger,
  logRetention,
  mediaSettings,
  type RedisOf,
  type RedisRole,
  SealedSecrets,
  serviceVersion,
  startOpsServer,
  whenReady,
} from "@syszap/platform";
import { Commands } from "./commands.ts";
import type { Config } from "./config.ts";
import type { EngineRegistry } from "./engines/contract/engine.ts";
import { type Hosting, type HostTimes, hostTimes } from "./engines/host/index.ts";
import { createEngines } from "./engines/index.ts";
import { simulatorControl } from "./engines/simulator/index.ts";
import { ConnectorIdentity, type IdentityTimes } from "./identity/connector-identity.ts";
import { FactForwarder } from "./inbound/fact-forwarder.ts";
import { InboundQueue } from "./inbound/fact-queue.ts";
import { type MediaDownloadTimes, mediaDownloadTimes } from "./inbound/media/media-downloader.ts";
import { MediaRetries, type MediaRetryTimes, mediaRetryTimes } from "./inbound/media/media-retries.ts";
import { type PictureTimes, pictureTimes } from "./inbound/media/profile-pictures.ts";
import { refuseJob } from "./inbound/refuse-job.ts";
import { type ConfirmationTimes, confirmationTimes } from "./inbound/spool/confirmations.ts";
import { type SpoolLimits, spoolLimits } from "./inbound/spool/limits.ts";
import { LeaseKeeper, type LeaseTimes, leaseTimes, renewEveryMs } from "./lease.ts";
import {
  type ConnectorMetrics,
  createConnectorMetrics,
  reportConnector,
  reportSessions,
  reportSpool,
} from "./metrics.ts";
import { type OutboundTimes, outboundTimes } from "./outbound/times.ts";
import { PauseLock, Profiles, profileLimitBytes, type ScheduleOptions } from "./profiles/index.ts";
import { ProfileDirectories } from "./session/profile-directories.ts";
import { type SessionTimes, sessionTimes } from "./session/times.ts";
import { type ManagerTimes, managerTimes, SessionManager } from "./session-manager.ts";

export interface ConnectorOptions {
  config: Config;
  log: Logger;
  lifecycle: Lifecycle;
  /** Ends the process. Called when another process was started under the same id. */
  fail: (err: unknown, message: string) => void;
  /** Replaces the engines of the configuration. */
  engines?: EngineRegistry;
  /** Replaces the entry file of engine hosts. */
  hostEntry?: URL;
  /** Replace single defaults. */
  times?: {
    identity?: Partial<IdentityTimes>;
    lease?: Partial<LeaseTimes>;
    manager?: Partial<ManagerTimes>;
    session?: Partial<SessionTimes>;
    outbound?: Partial<OutboundTimes>;
    archive?: Partial<ScheduleOptions>;
    host?: Partial<HostTimes>;
    media?: Partial<MediaDownloadTimes>;
    mediaRetries?: Partial<MediaRetryTimes>;
    pictures?: Partial<PictureTimes>;
    confirmation?: Partial<ConfirmationTimes>;
  };
  spool?: Partial<SpoolLimits>;
}

/** Opens all resources and starts running sessions. `port` is the port of the operations server. */
export async function startConnector(options: ConnectorOptions): Promise<{ port: number; manager: SessionManager }> {
  const { config, log, lifecycle, times } = options;
  const metrics = createMetrics("whatsapp-connector");
  const opened = await open(options);
  const { registry, controls } = createEngines(config, hostingOf(options));
  const { database, publisher } = opened;
  const connectorMetrics = createConnectorMetrics(metrics);
  const identity = await claimIdentity(options, database);
  const mediaStore = await openMediaStore(mediaSettings(config), { limitBytes: config.MEDIA_MAX_BYTES });
  lifecycle.onStop("incoming sweep", startIncomingSweep(config.MEDIA_DIRECTORY, log));
  const forwarder = openForwarder(options, { ...opened, mediaStore, metrics: connectorMetrics });
  reportSpool(metrics, forwarder.spool, options.spool?.bytes ?? config.SPOOL_MAX_BYTES);
  const manager = new SessionManager({
    keeper: new LeaseKeeper(database.system.leases, identity, { ...leaseTimes(config.LEASE_MS), ...times?.lease }, log),
    drain: {
      isDraining: () => identity.state === "draining",
      roomElsewhere: () => database.system.connectors.roomElsewhere(identity.id),
    },
    onHandedOver: () => connectorMetrics.handedOver.inc(),
    commands: opened.commandSubscriber,
    maxSessions: config.MAX_SESSIONS,
    startsAtOnce: config.STARTS_AT_ONCE,
    managerTimes: { ...managerTimes, renewEveryMs: renewEveryMs(config.LEASE_MS), ...times?.manager },
    engines: options.engines ?? registry,
    ...(await profileParts(options, database)),
    database,
    publisher,
    proxySecrets: config.SESSION_ENCRYPTION_KEY && new SealedSecrets(config.SESSION_ENCRYPTION_KEY, "proxy"),
    inbound: { forwarder, mediaStore, database, pictureTimes: picturesOf(options), metrics: connectorMetrics },
    outbound: {
      ...{ database, publisher, media: mediaStore },
      times: { ...outboundTimes(config), ...times?.outbound },
      metrics: connectorMetrics,
    },
    times: { ...sessionTimes, ...times?.session },
    log,
  });
  reportSessions(metrics, () => manager.report());
  reportConnector(metrics, {
    state: () => identity.state,
    unclaimed: () => database.system.connectors.unclaimedSessions(),
  });
  identity.start((err) => {
    manager.loseAll();
    options.fail(err, "this process was replaced");
  });
  const commands = new Commands((companyId, sessionId) => manager.find(companyId, sessionId), database, log);
  opened.commandSubscriber.onCommand((companyId, command) => void commands.execute(companyId, command));
  opened.commandSubscriber.onWake(() => manager.wake());
  options.lifecycle.onStop("sessions", () => manager.stop());
  manager.start();
  startMediaRetries(options, { database, forwarder, manager });

  const control = config.SIMULATOR_CONTROL ? simulatorControl(controls) : undefined;
  const server = await startOpsServer({
    host: config.HOST,
    port: config.PORT,
    health: opened.health,
    metrics,
    log,
    extra: async (req, res) => {
      if (req.url !== "/sessions") return (await control?.(req, res)) ?? false;
      res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(manager.report()));
      return true;
    },
  });
  options.lifecycle.onStop("ops server", () => server.close());
  lifecycle.onStop("announcement", announceInstance(opened.busRedis, "whatsapp-connector", log));
  return { port: server.port, manager };
}

/** The identity ends after the sessions. */
async function claimIdentity({ config, log, lifecycle, times }: ConnectorOptions, { system }: Database) {
  const identity = await ConnectorIdentity.claim({
    connectors: system.connectors,
    process: { id: config.CONNECTOR_ID, version: serviceVersion, maxSessions: config.MAX_SESSIONS },
    ...(times?.identity && { times: times.identity }),
    log,
  });
  lifecycle.onStop("identity", () => identity.stop());
  return identity;
}

/** The forwarder closes after the sessions, and before the queue and the database. */
function openForwarder(
  { config, log, lifecycle, times, spool }: ConnectorOptions,
  parts: Pick<Awaited<ReturnType<typeof open>>, "database" | "inboundQueue" | "health"> & {
    mediaStore: MediaStore;
    metrics: ConnectorMetrics;
  },
): FactForwarder {
  const { deadLetters } = parts.database.system;
  const forwarder = new FactForwarder({
    facts: parts.inboundQueue,
    spoolDirectory: join(config.SPOOL_DIRECTORY, encodeURIComponent(config.CONNECTOR_ID)),
    spoolLimits: { ...spoolLimits, bytes: config.SPOOL_MAX_BYTES, ...spool },
    confirmationTimes: { ...confirmationTimes, ...times?.confirmation },
    recoveredPerSecond: config.RECOVERED_FACTS_PER_SECOND,
    deadLettersAmong: (jobIds) => deadLetters.storedJobIds(queues.inboundMessages, jobIds),
    mediaStore: parts.mediaStore,
    mediaLimitBytes: config.MEDIA_MAX_BYTES,
    mediaTimes: { ...mediaDownloadTimes, ...times?.media },
    refuse: (job, reason) => refuseJob(deadLetters, job, reason),
    metrics: parts.metrics,
    log,
  });
  lifecycle.onStop("inbound spool", () => forwarder.close());
  parts.health.addCheck("inbound spool", () => forwarder.spool.mustWork());
  forwarder.start();
  return forwarder;
}

const picturesOf = ({ config, times }: ConnectorOptions): PictureTimes => ({
  ...pictureTimes,
  maxAgeMs: config.PROFILE_PICTURE_MAX_AGE_MS,
  ...times?.pictures,
});

/** The retries end before the sessions, whose engines they use. */
function startMediaRetries(
  { log, lifecycle, times }: ConnectorOptions,
  parts: { database: Database; forwarder: FactForwarder; manager: SessionManager },
): void {
  const { database, forwarder, manager } = parts;
  const retries = new MediaRetries({
    due: database.system.dueDownloads,
    sessions: () => manager.report().flatMap(({ sessionId, detail }) => (detail === "connected" ? [sessionId] : [])),
    busy: () => forwarder.media.busy,
    fetch: (owner, media) => forwarder.media.fetch(owner, media),
    onOutcome: (owner, outcome, attempt) => forwarder.enqueueMedia(owner, outcome, attempt),
    times: { ...mediaRetryTimes, ...times?.mediaRetries },
    log,
  });
  lifecycle.onStop("media retries", () => retries.close());
  retries.start();
}

async function profileParts({ config, log, times }: ConnectorOptions, database: Database) {
  const directory = config.PROFILE_DIRECTORY;
  const profiles = new Profiles({
    directory,
    store: await openPrivateStore(mediaSettings(config), { limitBytes: profileLimitBytes }),
    keys: config.PROFILE_ENCRYPTION_KEY,
    database,
    log,
  });
  const profileDirectories = new ProfileDirectories({
    directory,
    profiles,
    leases: database.system.leases,
    forgotten: database.system.forgottenProfiles,
    log,
  });
  const archiveSchedule = {
    everyMs: config.PROFILE_ENCRYPTION_KEY ? config.PROFILE_ARCHIVE_EVERY_MS : 0,
    idleMs: config.PROFILE_ARCHIVE_IDLE_MS,
    ...times?.archive,
    pauseLock: new PauseLock(),
  };
  return { profiles, profileDirectories, archiveSchedule };
}

/** The entry file of engine hosts: TypeScript when the connector runs from source, a bundle in the image. */
function hostingOf({ config, hostEntry, times }: ConnectorOptions): Hosting {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return {
    entry: hostEntry ?? new URL(`./engines/host/main.${extension}`, import.meta.url),
    heapMegabytes: config.ENGINE_HEAP_MB,
    memoryMegabytes: config.ENGINE_MEMORY_MB,
    times: { ...hostTimes, ...times?.host },
  };
}

/** Opens every connection, dependencies first. Each closes after its users. */
async function open({ config, log, lifecycle }: ConnectorOptions) {
  const health = new Health();
  const redis = <Role extends RedisRole>(name: string, url: string, role: Role): RedisOf<Role> => {
    const connection = connectRedis(url, role, log);
    lifecycle.onStop(name, () => connection.disconnect());
    return connection;
  };
  const busRedis = redis("bus", config.REDIS_URL, "command");
  const producerRedis = redis("queue producer", config.QUEUE_REDIS_URL, "queue-producer");
  await Promise.all([whenReady(busRedis), whenReady(producerRedis)]);
  const publisher = new Publisher(busRedis, log, logRetention(config));
  const database = connectDatabase({
    appUrl: config.DATABASE_URL,
    systemUrl: config.SYSTEM_DATABASE_URL,
    hasNamedStatements: config.DATABASE_NAMED_STATEMENTS,
    maxConnections: companyConnections(config.DATABASE_CONNECTIONS),
    publish: (companyId, events) => publisher.publishDurable(companyId, events),
    log,
  });
  lifecycle.onStop("database", () => database.close());
  await database.ping();
  await database.requireSchema();
  const inboundQueue = new InboundQueue(producerRedis);
  lifecycle.onStop("inbound queue", () => inboundQueue.close());
  const commandSubscriber = new CommandSubscriber(connectRedis(config.REDIS_URL, "subscriber", log), log);
  lifecycle.onStop("commands", () => commandSubscriber.close());
  health.addCheck("postgres", () => database.probe());
  health.addCheck("redis", () => busRedis.ping());
  health.addCheck("queue redis", () => producerRedis.ping());
  return { health, busRedis, publisher, database, inboundQueue, commandSubscriber };
}
