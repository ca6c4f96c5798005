import { createHash, generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiKeyPrefix, maxConsumerEvents } from "@syszap/contracts";
import { connectDatabase } from "@syszap/database";
import { startBuiltService, startRedis } from "@syszap/testing/servers";
import pg from "pg";
import { type Benchmark, type BenchmarkContext, median } from "../harness/benchmark.ts";
import { openPostgres } from "../harness/postgres.ts";
import { nextEvent } from "../load/event.ts";

/** Requests of all rounds together stay below the rate limit of an API key. */
const events = 40_000;
const defaultRounds = 3;

type Urls = Awaited<ReturnType<typeof openPostgres>>["urls"];
interface Page {
  cursor: string;
  events: { position: number; id: string }[];
}
interface Client {
  /** Resolves when the headers of the answer have arrived. */
  api: (path: string, body?: object) => Promise<IncomingMessage>;
  send: (path: string, body: object) => Promise<unknown>;
}

export const consumers: Benchmark = {
  name: "consumers",
  about:
    "Events per second that one consumer reads and acknowledges over HTTP, up to 5,000 per request, compared with reading the same rows from Postgres by the same index",
  goals: { ratio_bare_read: "≥ 0.5" },
  run: async ({ log, onEnd, options }) => {
    const folder = await mkdtemp(join(tmpdir(), "syszap-bench-consumers-"));
    onEnd(() => rm(folder, { recursive: true, force: true }));
    const { urls } = await openPostgres(join(folder, "postgres"), onEnd);
    const rounds = Math.min(options.rounds ?? defaultRounds, defaultRounds);
    const { companyId, secret } = await openCompany(urls);
    const bare = await openBareReader(urls, companyId, onEnd);
    await fill(urls, companyId);
    const client = await startApi(urls, { folder, secret, onEnd });
    await client.send("/v1/consumers", { name: "bench" });
    const rates: { http: number; bare: number; ratio: number }[] = [];
    for (let round = 0; round <= rounds; round++) {
      await client.send("/v1/consumers/bench/seek", { timestamp: "2020-01-01T00:00:00Z" });
      const [bareRate, http] = [await perSecond(bare), await perSecond(() => consume(client))];
      log(`round ${round}: ${Math.round(http)} events/s over HTTP, ${Math.round(bareRate)} events/s read directly`);
      // The first round warms up.
      if (round > 0) rates.push({ http, bare: bareRate, ratio: http / bareRate });
    }
    return {
      figures: {
        events_per_s: median(rates.map(({ http }) => http)),
        bare_read_per_s: median(rates.map(({ bare }) => bare)),
        ratio_bare_read: median(rates.map(({ ratio }) => ratio)),
      },
    };
  },
};

async function perSecond(readAll: () => Promise<number>): Promise<number> {
  const startedAt = performance.now();
  const count = await readAll();
  if (count !== events) throw new Error(`read ${count} events instead of ${events}`);
  return count / ((performance.now() - startedAt) / 1_000);
}

/**
 * Reads, parses and acknowledges all events. Requests the next page as soon as the headers of a page name it, and acknowledges a page
 * while the next one is read. Fails when a position is missing.
 */
async function consume({ api, send }: Client): Promise<number> {
  let expected = 1;
  let acknowledged: Promise<unknown> = Promise.resolve();
  for (let next = api(`/v1/consumers/bench/events?limit=${maxConsumerEvents}`); ; ) {
    const response = await next;
    const link = /<([^<>]*)>; rel="next"/.exec(String(response.headers.link))?.[1];
    if (!link) throw new Error("the answer names no next page");
    next = api(link);
    const page = JSON.parse(await textOf(response)) as Page;
    await acknowledged;
    if (page.events.length === 0) break;
    for (const { position } of page.events)
      if (position !== expected++) throw new Error(`position ${position} instead of ${expected - 1}`);
    acknowledged = send("/v1/consumers/bench/ack", { cursor: page.cursor });
    if (expected > events) {
      await acknowledged;
      await textOf(await next);
      break;
    }
  }
  return expected - 1;
}

/** The reference: the same rows in pages of the same size by the same index, over one connection, without parsing the bodies. */
async function openBareReader(urls: Urls, companyId: string, onEnd: BenchmarkContext["onEnd"]) {
  const client = new pg.Client({ connectionString: urls.ownerUrl });
  await client.connect();
  onEnd(() => client.end());
  return async () => {
    let position = "0";
    for (let count = 0; ; ) {
      const { rows } = await client.query<{ position: string; body: string }>({
        name: "bare",
        text: "select position, body from event_log where company_id = $1 and position > $2 order by position limit $3",
        values: [companyId, position, maxConsumerEvents],
      });
      count += rows.length;
      const last = rows.at(-1);
      if (!last) return count;
      position = last.position;
    }
  };
}

async function openCompany({ appUrl, systemUrl }: Urls): Promise<{ companyId: string; secret: string }> {
  const database = connectDatabase({ appUrl, systemUrl, maxConnections: 1, publish: async () => undefined });
  try {
    const { id: companyId } = await database.system.companies.create({ name: "Bench" });
    const { userId } = await database.system.logins.createUser({
      companyId,
      email: "bench@example.com",
      name: "Bench",
      role: "owner",
      passwordHash: "none",
    });
    const secret = apiKeyPrefix + randomBytes(32).toString("base64url");
    const secretHash = createHash("sha256").update(secret).digest();
    const key = { userId, name: "bench", scopes: ["read" as const], hint: "bench", secretHash, expiresAt: null };
    await database.withCompany(companyId, ({ apiKeys }) => apiKeys.create(key, 1));
    return { companyId, secret };
  } finally {
    await database.close();
  }
}

/** Adds the company's events, and as many of other companies between them. */
async function fill({ ownerUrl }: Urls, companyId: string): Promise<void> {
  const { audience: _, ...event } = nextEvent();
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(
      `insert into event_log (company_id, position, epoch, seq, event_id, event_type, size, body, logged_at)
       select company, n, 1, n, gen_random_uuid(), 'new_message', length($3), $3, now()
       from generate_series(1, $4::bigint) n, unnest(array[$1, $2]::uuid[]) company order by n`,
      [companyId, randomUUID(), JSON.stringify(event).slice(1), events],
    );
    await client.query("insert into event_log_heads (company_id, position, epoch, seq) values ($1, $2, 1, $2)", [
      companyId,
      events,
    ]);
    await client.query("vacuum analyze event_log");
  } finally {
    await client.end();
  }
}

async function startApi(
  { appUrl, systemUrl }: Urls,
  { folder, secret, onEnd }: { folder: string; secret: string; onEnd: BenchmarkContext["onEnd"] },
): Promise<Client> {
  const redis = await startRedis();
  onEnd(() => redis.stop());
  const signingKey = { ...generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }), kid: "key-1" };
  const service = await startBuiltService({
    service: "rest-api",
    env: {
      NODE_ENV: "production",
      LOG_LEVEL: "warn",
      DATABASE_URL: appUrl,
      SYSTEM_DATABASE_URL: systemUrl,
      REDIS_URL: redis.url,
      TOKEN_SIGNING_KEY: JSON.stringify(signingKey),
      ACCOUNT_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
      MEDIA_DIRECTORY: join(folder, "media"),
      DEFAULT_ENGINE: "simulator",
      ALLOWED_ORIGINS: "http://bench.localhost",
    },
  });
  onEnd(() => service.stop());
  const agent = new Agent({ keepAlive: true });
  onEnd(async () => agent.destroy());
  const api = (path: string, body?: object) => ask(`${service.url}${path}`, { secret, agent, body });
  return { api, send: async (path, body) => JSON.parse(await textOf(await api(path, body))) };
}

/** Sends a GET, or a POST if there is a body. Resolves when the headers of the answer have arrived. */
function ask(
  url: string,
  { secret, agent, body }: { secret: string; agent: Agent; body: object | undefined },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
    const sent = request(url, { method: body ? "POST" : "GET", agent, headers }, resolve);
    sent.on("error", reject);
    sent.end(body && JSON.stringify(body));
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  const text = Buffer.concat(parts).toString();
  if (response.statusCode !== 200) throw new Error(`the API answered ${response.statusCode}: ${text}`);
  return text;
}
