import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { bytesOf, compose, composeVariables, composeWith, readRoot } from "../src/compose-file.ts";
import { promtoolProgram, requireProgram } from "../src/machine/installed-command.ts";
import { root } from "../src/paths.ts";

const required = [...composeVariables()].filter(([, value]) => value === undefined);
const defaults = composeWith(Object.fromEntries(required.map(([name]) => [name, "x"])));
const entry = (name: string) => defaults.services[name] ?? {};
const services = Object.keys(compose.services);
const numberAt = (name: string, variable: string) => Number(entry(name).environment?.[variable]);
const settings = Object.fromEntries(
  (entry("postgres").command ?? []).flatMap((word) => {
    const [, name, value] = /^(\w+)=(.+)$/.exec(word) ?? [];
    return name === undefined ? [] : [[name, value ?? ""]];
  }),
);

const reaches = (from: string, to: string) =>
  (entry(from).networks ?? []).some((network) => entry(to).networks?.includes(network));
/** Whether the container can open connections to the internet. */
const hasWayOut = (name: string) =>
  (entry(name).networks ?? []).some((network) => defaults.networks[network]?.internal !== true);

test("every container is in named networks, and only processes that need Postgres share one with it", () => {
  for (const name of services) expect(entry(name).networks?.length, name).toBeGreaterThan(0);
  const withPostgres = services.filter((name) => name !== "postgres" && reaches(name, "postgres"));
  expect(withPostgres.sort()).toEqual(
    ["backup", "message-worker", "migrate", "pgbouncer", "rest-api", "webhook-sender", "whatsapp-connector"].sort(),
  );
});

test("the front reaches the API and the gateways, and neither Redis nor Postgres", () => {
  expect(services.filter((name) => name !== "web-app" && reaches("web-app", name)).sort()).toEqual([
    "rest-api",
    "ws-gateway",
  ]);
});

test("every dependency is reachable", () => {
  for (const name of services) {
    const env = Object.values(entry(name).environment ?? {}).join(" ");
    for (const [, host = ""] of env.matchAll(/(?:@|http:\/\/|host=)([a-z-]+)[: ]/g))
      if (services.includes(host) && host !== name)
        expect([name, host, reaches(name, host)]).toEqual([name, host, true]);
  }
  for (const name of services.filter((each) => "PORT" in (entry(each).environment ?? {})))
    expect([name, reaches("prometheus", name)]).toEqual([name, true]);
});

test("data stores and workers have no way out", () => {
  for (const name of ["postgres", "redis", "pgbouncer", "migrate", "message-worker"])
    expect([name, hasWayOut(name)]).toEqual([name, false]);
});

test("the pools of the documented scale example fit the connections of Postgres", () => {
  const [, example = ""] =
    /docker compose up -d ((?:--scale [\w-]+=\d+ ?){2,})/.exec(readRoot("docs/operations/install-compose.md")) ?? [];
  const replicas = new Map(
    [...example.matchAll(/--scale ([\w-]+)=(\d+)/g)].map(([, name, count]) => [name, Number(count)]),
  );
  expect(replicas.size).toBeGreaterThan(2);
  const pooled = services.filter((name) => "DATABASE_CONNECTIONS" in (entry(name).environment ?? {}));
  expect(pooled).toHaveLength(4);
  const pools = pooled.reduce(
    (sum, name) => sum + numberAt(name, "DATABASE_CONNECTIONS") * (replicas.get(name) ?? 1),
    0,
  );
  expect(pools).toBe(155);
  // The migration, two commands of `syszap`, a backup with its parallel dump, and Postgres' own reserve for superusers.
  const others = 2 + 2 * 4 + 4 + 3;
  expect(pools + others).toBeLessThanOrEqual(Number(settings.max_connections));
});

test("the pools of PgBouncer fit the connections of Postgres", () => {
  const roles = 2;
  const direct = 20; // as above
  const pooled = numberAt("pgbouncer", "PGBOUNCER_POOL_SIZE") * roles;
  expect(pooled + direct).toBeLessThanOrEqual(Number(settings.max_connections));
});

test("the memory of Postgres holds its buffers and all its connections at once", () => {
  const perConnection = bytesOf(settings.work_mem) + bytesOf("4m");
  const needed =
    bytesOf(settings.shared_buffers) +
    Number(settings.max_connections) * perConnection +
    bytesOf(settings.maintenance_work_mem);
  expect(needed).toBeLessThanOrEqual(bytesOf(entry("postgres").mem_limit));
  expect(bytesOf(settings.effective_cache_size)).toBeLessThan(bytesOf(entry("postgres").mem_limit));
});

test("Redis refuses writes at half of its memory, and evicts nothing", () => {
  expect(2 * bytesOf(String(entry("redis").environment?.REDIS_MAXMEMORY))).toBeLessThanOrEqual(
    bytesOf(entry("redis").mem_limit),
  );
  expect(readRoot("deploy/redis/render.sh")).toContain("maxmemory-policy noeviction");
});

test("the memory of the front holds all its connections and temporary files", () => {
  const connections = numberAt("web-app", "FRONT_WORKERS") * numberAt("web-app", "FRONT_CONNECTIONS");
  expect(connections * 10 * 1024 + bytesOf("64m")).toBeLessThanOrEqual(bytesOf(entry("web-app").mem_limit));
});

test("every container has a memory limit and rotates its log, and temporary files are bounded", () => {
  for (const name of services) {
    expect([name, bytesOf(entry(name).mem_limit)]).toEqual([name, expect.any(Number)]);
    expect(bytesOf(entry(name).mem_limit)).toBeGreaterThan(0);
    expect(entry(name).logging).toEqual({ driver: "json-file", options: { "max-size": "20m", "max-file": "5" } });
    for (const mount of entry(name).tmpfs ?? []) expect(mount).toMatch(/:size=\d+m/);
    if (entry(name).read_only && name !== "prometheus") expect([name, entry(name).tmpfs?.length]).toEqual([name, 1]);
  }
});

test("the health check of Postgres does not pass before the first initialisation has ended", () => {
  // Until then it listens on a Unix socket only.
  expect(entry("postgres").healthcheck?.test).toEqual(expect.arrayContaining(["pg_isready", "-h", "127.0.0.1"]));
});

test("Prometheus accepts its configuration, and reads every service", async () => {
  const command = await requireProgram(promtoolProgram);
  const { stdout } = await promisify(execFile)(command, ["check", "config", "deploy/monitoring/prometheus.yml"], {
    cwd: root,
  });
  expect(stdout).toContain("rules found");
  const text = readRoot("deploy/monitoring/prometheus.yml");
  for (const name of services.filter((each) => "PORT" in (entry(each).environment ?? {})))
    expect(text).toContain(`names: [${name}]`);
});
