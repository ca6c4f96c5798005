import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Role, tokenAudience, tokenIssuer } from "@syszap/contracts";
import { type BusLog, Publisher } from "@syszap/event-bus";
import { createLogger, Lifecycle, type Logger } from "@syszap/platform";
import { Redis } from "ioredis";
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { expect, onTestFinished } from "vitest";
import type { Limits } from "../src/limits.ts";
import { startGateway } from "../src/server.ts";
import { SocketClient } from "./socket-client.ts";

export const origin = "https://app.syszap.test";
const silent: BusLog = { info: () => {}, warn: () => {}, error: () => {} };
const keyPair = generateKeyPair("EdDSA", { extractable: true });

export interface Person {
  companyId: string;
  userId: string;
  loginId: string;
  role: Role;
  teams?: string[];
}
export const person = (overrides: Partial<Person> = {}): Person => ({
  companyId: randomUUID(),
  userId: randomUUID(),
  loginId: randomUUID(),
  role: "agent",
  ...overrides,
});

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;
const claimsOf = ({ companyId, userId, loginId, role, teams }: Person) => ({
  sub: userId,
  cid: companyId,
  lid: loginId,
  role,
  ...(teams && { teams }),
});

/** Signs claims like the REST API, or with another key or key id. */
export async function sign(claims: JWTPayload, options: { key?: CryptoKey; kid?: string } = {}): Promise<string> {
  const key = options.key ?? (await keyPair).privateKey;
  return new SignJWT(claims).setProtectedHeader({ alg: "EdDSA", kid: options.kid ?? "test" }).sign(key);
}
const accessClaims = (who: Person, overrides: JWTPayload = {}): JWTPayload => ({
  ...claimsOf(who),
  iss: tokenIssuer,
  aud: tokenAudience.access,
  exp: inSeconds(600),
  ...overrides,
});
export const ticketClaims = (who: Person, overrides: JWTPayload = {}): JWTPayload => ({
  ...accessClaims(who),
  aud: tokenAudience.ticket,
  exp: inSeconds(30),
  jti: randomUUID(),
  ate: inSeconds(600),
  ...overrides,
});
export const accessToken = (who: Person, overrides: JWTPayload = {}) => sign(accessClaims(who, overrides));
export const ticketFor = (who: Person, overrides: JWTPayload = {}) => sign(ticketClaims(who, overrides));

/** API keys that the stand-in for the REST API knows, each with the response to a ticket request. */
export const apiKeys = {
  reader: { key: "syszap_reader", companyId: randomUUID(), userId: randomUUID() },
  sender: { key: "syszap_sender" },
  busy: { key: "syszap_busy" },
};

async function answerTicketRequest(authorization: string | undefined): Promise<{ status: number; body: object }> {
  const { reader, sender, busy } = apiKeys;
  if (authorization === `Bearer ${sender.key}`) return { status: 403, body: {} };
  if (authorization === `Bearer ${busy.key}`) return { status: 429, body: {} };
  if (authorization === `Bearer ${reader.key}`)
    return { status: 200, body: { ticket: await ticketFor(person(reader), { key: true }) } };
  return exchangeAccessToken(authorization?.slice("Bearer ".length) ?? "");
}

async function exchangeAccessToken(token: string): Promise<{ status: number; body: object }> {
  const expected = { audience: tokenAudience.access };
  const verified = await jwtVerify(token, (await keyPair).publicKey, expected).catch(() => undefined);
  if (!verified) return { status: 401, body: {} };
  const { aud: _, exp, ...claims } = verified.payload;
  return { status: 200, body: { ticket: await ticketFor(person(), { ...claims, ate: exp }) } };
}

/** Stands in for the REST API: serves the key set, and tickets for API keys and access tokens. */
async function serveKeySet(): Promise<{ url: string; close: () => void }> {
  const jwk = { ...(await exportJWK((await keyPair).publicKey)), kid: "test", alg: "EdDSA", use: "sig" };
  const server = createServer(async (req, res) => {
    res.setHeader("content-type", "application/json");
    if (req.url !== "/v1/realtime/ticket") return void res.end(JSON.stringify({ keys: [jwk] }));
    const { status, body } = await answerTicketRequest(req.headers.authorization);
    res.writeHead(status, status === 429 ? { "retry-after": "7" } : {}).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/.well-known/jwks.json`, close: () => server.close() };
}

export interface TestGateway {
  port: number;
  gatewayId: string;
  publisher: Publisher;
  redis: Redis;
  getWebSocketStats: Awaited<ReturnType<typeof startGateway>>["getWebSocketStats"];
  /** Sends a plain HTTP request, like a load balancer. */
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Connects like a browser and waits for the welcome. */
  client(who: Person, query?: Record<string, string>): Promise<SocketClient>;
  /** Connects with exactly these credentials; `welcomed()` and `refused` of the client give the outcome. */
  attempt(query: Record<string, string>, headers?: Record<string, string>): SocketClient;
  stop(): Promise<void>;
}

/** Starts the real gateway on a free port, with its own key set and the given Redis. */
export async function runGateway(options: {
  redisUrl: string;
  limits?: Partial<Limits>;
  trustedProxies?: string[];
  keySetUrl?: string;
  gatewayId?: string;
  log?: Logger;
}): Promise<TestGateway> {
  const keySet = await serveKeySet();
  const log = options.log ?? createLogger({ service: "test", level: "silent" });
  const lifecycle = new Lifecycle(log, 5_000);
  const gatewayId = options.gatewayId ?? `gateway-${randomUUID()}`;
  const redis = new Redis(options.redisUrl);
  redis.on("error", () => {});
  const { port, getWebSocketStats } = await startGateway({
    config: {
      NODE_ENV: "test",
      LOG_LEVEL: "silent",
      HOST: "127.0.0.1",
      DRAIN_PAUSE_SECONDS: 0,
      PORT: 0,
      REDIS_URL: options.redisUrl,
      TOKEN_KEY_SET_URL: options.keySetUrl ?? keySet.url,
      ALLOWED_ORIGINS: [origin],
      TRUSTED_PROXIES: options.trustedProxies ?? [],
      GATEWAY_ID: gatewayId,
    },
    log,
    lifecycle,
    limits: { drainWindowMs: 50, drainSpreadMs: 20, statisticsTickMs: 50, lastCountWithinMs: 0, ...options.limits },
  });
  const stop = () => lifecycle.stop();
  onTestFinished(async () => {
    await stop();
    keySet.close();
    redis.disconnect();
  });
  const get: TestGateway["get"] = (path, headers = {}) => fetch(`http://127.0.0.1:${port}${path}`, { headers });
  await expect.poll(async () => (await get("/health/ready")).status, { interval: 10, timeout: 5_000 }).toBe(200);
  const attempt: TestGateway["attempt"] = (query, headers = { origin }) =>
    new SocketClient(`ws://127.0.0.1:${port}/ws?${new URLSearchParams(query)}`, headers);
  return {
    port,
    gatewayId,
    redis,
    publisher: new Publisher(redis, silent),
    getWebSocketStats,
    get,
    attempt,
    client: async (who, query = {}) => {
      const { companyId, userId } = who;
      const client = attempt({ companyId, userId, ticket: await ticketFor(who), ...query });
      await client.welcomed();
      return client;
    },
    stop,
  };
}
