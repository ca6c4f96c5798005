import { join } from "node:path";
import { freePort } from "@syszap/testing/servers";
import { findChromium } from "../machine/chromium.ts";
import type { Options, ScalableService } from "../options.ts";
import { type DataPaths, root } from "../paths.ts";
import { asRole } from "./data-servers.ts";
import { redisUrlFor } from "./redis-users.ts";
import type { Secrets } from "./secrets.ts";
import type { ServiceOptions } from "./service-process.ts";

export type ServiceName = ScalableService | "whatsapp-connector";
/** Start order. Services stop in reverse order. */
const startOrder: readonly ServiceName[] = [
  "message-worker",
  "webhook-sender",
  "whatsapp-connector",
  "rest-api",
  "ws-gateway",
];

export interface PlanInput {
  options: Options;
  paths: DataPaths;
  secrets: Secrets;
  redisUrl: string;
  databaseUrl: string;
  /** Port of the page's origin, the only one that may open WebSockets and send cookies. */
  frontPort: number;
  /** Runs services from source and restarts them when it changes. */
  isDevelopment: boolean;
  standInAddress: string | undefined;
}

export interface PlannedService {
  service: ServiceName;
  options: ServiceOptions;
}

/** Lists the processes to run, each with a free port and the environment variables that its config.ts reads. */
export async function planServices(input: PlanInput): Promise<PlannedService[]> {
  const ports: { service: ServiceName; instance: number; port: number }[] = [];
  for (const service of startOrder) {
    const count = service === "whatsapp-connector" ? 1 : (input.options.scale[service] ?? 1);
    for (let instance = 1; instance <= count; instance++) ports.push({ service, instance, port: await freePort() });
  }
  const restApiPort = ports.find(({ service }) => service === "rest-api")?.port ?? 0;
  return ports.map(({ service, instance, port }) => {
    const isAlone = ports.filter((each) => each.service === service).length === 1;
    const name = isAlone ? service : `${service}-${instance}`;
    return { service, options: processOf({ input, service, name, port, restApiPort }) };
  });
}

interface ProcessInput {
  input: PlanInput;
  service: ServiceName;
  name: string;
  port: number;
  restApiPort: number;
}

function processOf({ input, service, name, port, restApiPort }: ProcessInput): ServiceOptions {
  const cwd = join(root, "services", service);
  const source = ["--watch", "--watch-preserve-output", "--import", import.meta.resolve("tsx"), "src/main.ts"];
  return {
    name,
    command: process.execPath,
    args: input.isDevelopment ? source : ["--enable-source-maps", ...memoryOptionsOf(service), "dist/main.js"],
    cwd,
    port,
    env: { ...inherited(), ...shared(input, service, port), ...environmentOf(service, input, { name, restApiPort }) },
    logFile: join(input.paths.logs, `${name}.log`),
    readyPath: "/health/ready",
  };
}

/** Must match the command in docker-compose.yml. */
const memoryOptionsOf = (service: ServiceName) =>
  service === "ws-gateway" ? ["--max-semi-space-size=4", "--v8-pool-size=0"] : [];

/** Passes on an allow-list of the shell's variables, so that others can't change a service's behaviour. */
function inherited(): NodeJS.ProcessEnv {
  const kept = ["PATH", "HOME", "TMPDIR", "LANG", "TZ", "LD_LIBRARY_PATH"];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

const shared = (input: PlanInput, service: ServiceName, port: number) => ({
  NODE_ENV: "development",
  LOG_LEVEL: process.env.LOG_LEVEL ?? "info",
  HOST: "127.0.0.1",
  PORT: String(port),
  REDIS_URL: redisUrlFor(service, input.redisUrl, input.secrets.redisPassword),
});

function environmentOf(
  service: ServiceName,
  input: PlanInput,
  self: { name: string; restApiPort: number },
): Record<string, string> {
  const { databaseUrl, secrets, paths, options } = input;
  const databases = {
    DATABASE_URL: asRole(databaseUrl, "syszap_app", secrets.appPassword),
    SYSTEM_DATABASE_URL: asRole(databaseUrl, "syszap_system", secrets.systemPassword),
  };
  const edge = {
    ALLOWED_ORIGINS: [`http://localhost:${input.frontPort}`, `http://127.0.0.1:${input.frontPort}`].join(","),
    TRUSTED_PROXIES: "127.0.0.1",
    DRAIN_PAUSE_SECONDS: "0",
  };
  switch (service) {
    case "rest-api":
      return {
        ...databases,
        ...edge,
        TOKEN_SIGNING_KEY: secrets.tokenSigningKey,
        ACCOUNT_ENCRYPTION_KEY: secrets.accountEncryptionKey,
        ...proxies(secrets),
        MEDIA_DIRECTORY: paths.media,
        DEFAULT_ENGINE: options.engine,
        ...webhooks,
        VAPID_PUBLIC_KEY: secrets.vapid.publicKey,
        ...mail(input.frontPort),
      };
    case "ws-gateway":
      return {
        ...edge,
        TOKEN_KEY_SET_URL: `http://127.0.0.1:${self.restApiPort}/.well-known/jwks.json`,
        GATEWAY_ID: self.name,
      };
    case "message-worker":
      return { ...databases, CONCURRENCY: "8" };
    case "webhook-sender":
      return { ...databases, ...webhooks, ...push(secrets) };
    case "whatsapp-connector":
      return { ...databases, ...proxies(secrets), ...connectorEnvironment(input) };
  }
}

/** E-mails are sent if SMTP_URL is set; otherwise links are shown to the person who asks for them. */
function mail(frontPort: number): Record<string, string> {
  const { SMTP_URL: url, SMTP_FROM: from } = process.env;
  if (!url) return {};
  return { SMTP_URL: url, SMTP_FROM: from || "sysZap <syszap@localhost>", PUBLIC_URL: `http://localhost:${frontPort}` };
}

/** Allows webhook receivers on this machine. */
const webhooks = { WEBHOOK_ALLOW_PRIVATE: "true" };

const push = ({ vapid }: Secrets) => ({
  VAPID_PUBLIC_KEY: vapid.publicKey,
  VAPID_PRIVATE_KEY: vapid.privateKey,
  VAPID_SUBJECT: "mailto:syszap@localhost",
});

/** Allows proxies on this machine. */
const proxies = ({ sessionEncryptionKey }: PlanInput["secrets"]) => ({
  SESSION_ENCRYPTION_KEY: sessionEncryptionKey,
  PROXY_ALLOW_PRIVATE: "true",
});

function connectorEnvironment({ options, paths, standInAddress }: PlanInput): Record<string, string> {
  const chromium = findChromium();
  return {
    MEDIA_DIRECTORY: paths.media,
    PROFILE_DIRECTORY: paths.profiles,
    SPOOL_DIRECTORY: paths.spool,
    CONNECTOR_ID: "local",
    MAX_SESSIONS: "50",
    SIMULATOR_ENABLED: "true",
    SIMULATOR_CONTROL: "true",
    SIMULATOR_SEED: "1",
    SIMULATOR_SCAN_AFTER_MS: String(options.scanAfterSeconds * 1_000),
    SIMULATOR_QR_ROTATE_MS: "20000",
    SIMULATOR_MESSAGES_PER_MINUTE: options.hasTraffic ? "6" : "0",
    ...(chromium === undefined ? {} : { CHROMIUM_PATH: chromium }),
    ...(standInAddress === undefined ? {} : { WHATSAPP_WEB_STAND_IN: standInAddress }),
  };
}
