import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { checkout, type Product, type Run, readRun, startProduct } from "./product.ts";
import { scratchFolder } from "./scratch.ts";

const run = promisify(execFile);

async function newScratch(): Promise<string> {
  const folder = await scratchFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function start(dataDirectory: string, folder?: string): Promise<Product> {
  const product = await startProduct({ dataDirectory, ...(folder === undefined ? {} : { folder }) });
  onTestFinished(() => product.process.stop());
  return product;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const alive = (of: Run) => Object.entries(of.processes).flatMap(([name, { pid }]) => (isAlive(pid) ? [name] : []));
const everything = ["message-worker", "postgres", "redis", "rest-api", "whatsapp-connector", "ws-gateway"];
const health = async (of: Run) => (await fetch(`${of.url}/health`)).status;

test("SIGTERM stops everything, and the data are there at the next start", async () => {
  const dataDirectory = join(await newScratch(), "data");
  const first = await start(dataDirectory);
  expect(alive(first.run).sort()).toEqual(everything);
  const [login] = first.run.logins;
  const logIn = (of: Run) =>
    fetch(`${of.url}/v1/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(login),
    }).then((answer) => answer.json());
  const { me } = await logIn(first.run);
  process.kill(first.process.pid, "SIGTERM");
  expect(await first.process.exited).toBe(0);
  expect(alive(first.run)).toEqual([]);
  expect(await readRun(dataDirectory)).toBeUndefined();
  const startedAt = performance.now();
  const second = await start(dataDirectory);
  process.stdout.write(`warm start: ${((performance.now() - startedAt) / 1_000).toFixed(1)} s\n`);
  expect((await logIn(second.run)).me).toEqual(me);
});

test("after a kill -9 of the supervisor the next start finds nothing in its way", async () => {
  const dataDirectory = join(await newScratch(), "data");
  const first = await start(dataDirectory);
  process.kill(first.process.pid, "SIGKILL");
  await first.process.exited;
  const second = await start(dataDirectory);
  expect(alive(first.run)).toEqual([]);
  expect(await health(second.run)).toBe(200);
});

test("a service that was killed is started again", async () => {
  const { run: first } = await start(join(await newScratch(), "data"));
  const before = first.processes["rest-api"]?.pid ?? 0;
  process.kill(before, "SIGKILL");
  await expect.poll(() => health(first), { timeout: 20_000 }).toBe(503);
  await expect.poll(() => health(first), { timeout: 20_000 }).toBe(200);
});

test("a second start over the same data is refused with one clear sentence", async () => {
  const dataDirectory = join(await newScratch(), "data");
  const { run: first } = await start(dataDirectory);
  const again = run(process.execPath, ["deploy/local/bootstrap.mjs", "start", "--data", dataDirectory], {
    cwd: checkout,
  });
  await expect(again).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`already runs with these data at ${first.url}`),
  });
  expect(await health(first)).toBe(200);
});

test("a fresh checkout in a folder that only its owner can enter installs and starts", {
  timeout: 240_000,
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
  const { run: started } = await start(join(folder, ".data"), folder);
  process.stdout.write(`first start of a fresh checkout: ${((performance.now() - startedAt) / 1_000).toFixed(1)} s\n`);
  expect(await health(started)).toBe(200);
});
