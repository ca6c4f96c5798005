import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { checkout, type Product, type Run, readRun, startProduct } from "../src/product.ts";
import { scratchFolder } from "../src/scratch.ts";

const run = promisify(execFile);

async function newScratch(): Promise<string> {
  const folder = await scratchFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function start(
  dataDirectory: string,
  options: { folder?: string; args?: string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<Product> {
  const product = await startProduct({ dataDirectory, ...options });
  onTestFinished(() => product.process.stop());
  return product;
}

/** A zombie (killed, but not yet reaped by init) does not count as alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = process.platform === "linux" ? readFileSync(`/proc/${pid}/stat`, "utf8") : ") S";
    return stat.charAt(stat.lastIndexOf(")") + 2) !== "Z";
  } catch {
    return false;
  }
}
const alive = (of: Run) => Object.entries(of.processes).flatMap(([name, { pid }]) => (isAlive(pid) ? [name] : []));
const everything = [
  "message-worker",
  "postgres",
  "redis",
  "rest-api",
  "webhook-sender",
  "whatsapp-connector",
  "ws-gateway",
];
const health = async (of: Run) => (await fetch(`${of.url}/health`)).status;

async function logIn({ url, logins }: Run): Promise<unknown> {
  const [login] = logins;
  const answer = await fetch(`${url}/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(login),
  });
  return ((await answer.json()) as { me: unknown }).me;
}

test("runs three gateways, restarts a killed one, rejects a second start, and SIGTERM ends all processes", async () => {
  const dataDirectory = join(await newScratch(), "data");
  const first = await start(dataDirectory, { args: ["--no-traffic", "--scale", "ws-gateway=3"] });
  const gateways = ["ws-gateway-1", "ws-gateway-2", "ws-gateway-3"];
  expect(alive(first.run).sort()).toEqual([...everything.filter((name) => name !== "ws-gateway"), ...gateways].sort());
  const me = await logIn(first.run);

  const again = run(process.execPath, ["deploy/local/bootstrap.mjs", "start", "--data", dataDirectory], {
    cwd: checkout,
  });
  const stderr = expect.stringContaining(`already running with this data directory at ${first.run.url}`);
  await expect(again).rejects.toMatchObject({ code: 1, stderr });

  process.kill(first.run.processes["ws-gateway-2"]?.pid ?? 0, "SIGKILL");
  await expect.poll(() => health(first.run), { timeout: 60_000 }).toBe(503);
  await expect.poll(() => health(first.run), { timeout: 60_000 }).toBe(200);

  const last = (await readRun(dataDirectory)) ?? first.run;
  process.kill(first.process.pid, "SIGTERM");
  expect(await first.process.exited).toBe(0);
  expect(alive(last)).toEqual([]);
  expect(await readRun(dataDirectory)).toBeUndefined();

  const startedAt = performance.now();
  const second = await start(dataDirectory);
  process.stdout.write(`warm start: ${((performance.now() - startedAt) / 1_000).toFixed(1)} s\n`);
  expect(await logIn(second.run)).toEqual(me);
});

test("the next start after a kill -9 of the supervisor ends all leftover processes", async () => {
  const dataDirectory = join(await newScratch(), "data");
  const first = await start(dataDirectory);
  process.kill(first.process.pid, "SIGKILL");
  await first.process.exited;
  const second = await start(dataDirectory);
  expect(alive(first.run)).toEqual([]);
  expect(await health(second.run)).toBe(200);
});

test("a new checkout in a 0700 folder installs and starts", {
  timeout: 600_000,
}, async () => {
  const folder = join(await newScratch(), "checkout");
  await mkdir(folder, { mode: 0o700 });
  const { stdout } = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: checkout,
    maxBuffer: 64 * 1024 * 1024,
  });
  for (const file of stdout.split("\0").filter((name) => name !== "" && existsSync(join(checkout, name)))) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await cp(join(checkout, file), join(folder, file));
  }
  const startedAt = performance.now();
  // The same sources were just built here. Turbo finds the results by the hash of all that a build depends on.
  const env = { TURBO_CACHE_DIR: resolve(checkout, process.env.TURBO_CACHE_DIR ?? ".turbo/cache") };
  const { run: started } = await start(join(folder, ".data"), { folder, env });
  process.stdout.write(`first start of a fresh checkout: ${((performance.now() - startedAt) / 1_000).toFixed(1)} s\n`);
  expect(await health(started)).toBe(200);
});
