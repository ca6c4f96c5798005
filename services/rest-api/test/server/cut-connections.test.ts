import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdir, readlink } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type RouteDefinition, type RouteName, routes } from "@syszap/contracts";
import pLimit from "p-limit";
import { expect, onTestFinished, vi } from "vitest";
import { startServer } from "../../src/server.ts";
import { type Api, newInbox, newUser, type TestUser, test } from "../support/api-test.ts";

const connectionsPerRoute = 200;
/** Few at a time, so that a cut meets a request while it is being processed. */
const concurrency = 8;
/** Each may upload 60 files a minute. */
const users = 4;
const maxCutMs = 50;
const maxStepMs = 20;
const declaredBytes = 1_000_000;
const sentBytes = 50_000;

interface Target {
  name: RouteName;
  /** The request line and headers, without the authorization. */
  head: string;
  body: Buffer;
}

/** All routes that take a body, with ids that exist. */
function targets(ids: Record<string, string>): Target[] {
  const names = Object.keys(routes) as RouteName[];
  const withBody = names.filter((name) => {
    const route: RouteDefinition = routes[name];
    return route.body !== undefined || route.upload === true;
  });
  return withBody.map((name) => {
    const route: RouteDefinition = routes[name];
    const path = route.path.replace(":id", ids[route.path.split("/")[2] ?? ""] ?? randomUUID());
    const isUpload = route.upload === true;
    const headers = [
      `${route.method.toUpperCase()} ${path} HTTP/1.1`,
      "Host: api",
      `Content-Type: ${isUpload ? "video/mp4" : "application/json"}`,
      // A JSON body below its limit, so that the body is read.
      `Content-Length: ${isUpload ? declaredBytes : sentBytes * 2}`,
    ];
    const body = isUpload ? Buffer.alloc(sentBytes, 1) : Buffer.from(`{"name":"${"a".repeat(sentBytes)}`);
    return { name, head: headers.join("\r\n"), body };
  });
}

interface Cut {
  port: number;
  user: TestUser;
  attempt: number;
}

/** Sends a part of the body, and closes the connection after up to `maxCutMs`, with a reset every second time. */
async function cut({ port, user, attempt }: Cut, { head, body }: Target): Promise<void> {
  const socket = createConnection({ port, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(`${head}\r\nAuthorization: ${user.bearer.Authorization}\r\n\r\n`);
  socket.write(body);
  await pause(attempt % (maxCutMs + 1));
  const closed = once(socket, "close");
  if (attempt % 2 === 0) socket.resetAndDestroy();
  else socket.destroy();
  await closed;
}

/** Targets of this process's descriptors, except those of sockets and of the event loop. */
async function openFiles(): Promise<string[]> {
  const links = (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ""));
  return (await Promise.all(links)).filter((target) => target.startsWith("/")).sort();
}

/**
 * Delays the steps of an upload, so that cuts meet each of them. Returns a list to which every write to the media store is
 * added.
 */
function slowDown(api: Api): Promise<unknown>[] {
  const puts: Promise<unknown>[] = [];
  const { put } = api.media;
  api.media.put = (...args) => {
    const stored = pause(puts.length % maxStepMs).then(() => put(...args));
    puts.push(stored);
    return stored;
  };
  const withCompany = api.database.withCompany.bind(api.database);
  let calls = 0;
  api.database.withCompany = async (...args) => {
    calls += 1;
    await pause(calls % maxStepMs);
    return withCompany(...args);
  };
  return puts;
}

async function serve(api: Api) {
  const server = await startServer(api.app, { host: "127.0.0.1", port: 0 });
  let isClosed = false;
  const close = () => {
    if (isClosed) return Promise.resolve();
    isClosed = true;
    return server.close();
  };
  onTestFinished(close);
  return { port: server.port, close };
}

test("survives 200 cut connections on each route that takes a body, and leaves no file or descriptor", async ({
  api,
}) => {
  const owner = await newUser(api);
  const { session, chat } = await newInbox(api, owner.companyId);
  const callers = await Promise.all(Array.from({ length: users }, () => newUser(api, "owner", owner.companyId)));
  const puts = slowDown(api);
  const uncaught: unknown[] = [];
  const record = (error: unknown) => uncaught.push(error);
  process.on("uncaughtExceptionMonitor", record);
  onTestFinished(() => void process.off("uncaughtExceptionMonitor", record));
  const { port, close } = await serve(api);
  const before = await openFiles();
  const limit = pLimit(concurrency);
  const all = targets({ sessions: session.id, chats: chat.id });
  expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(["uploadMedia", "login", "sendMessage"]));

  const attempts = Array.from({ length: connectionsPerRoute }, (_, attempt) => attempt);
  for (const target of all) {
    const cuts = callers.flatMap((user, index) =>
      attempts
        .filter((attempt) => attempt % users === index)
        .map((attempt) => limit(() => cut({ port, user, attempt }, target))),
    );
    await Promise.all(cuts);
  }
  await close();
  // Requests of closed connections may still wait for the database. These uploads wait behind them.
  for (let barrier = 0; barrier < 3; barrier += 1)
    await api.request.post("/v1/media").set(owner.bearer).type("application/pdf").send("%PDF-1.7").expect(201);
  await Promise.allSettled(puts);

  expect(uncaught).toEqual([]);
  await expect.poll(openFiles, { timeout: 60_000 }).toEqual(before);
  const incoming = join(api.mediaDirectory, ".incoming");
  await expect.poll(() => readdir(incoming).catch(() => []), { timeout: 60_000 }).toEqual([]);
  expect(api.logged.filter(({ msg }) => msg === "request failed")).toEqual([]);
}, 3_600_000);

test("does not start a session when the connection is cut before its optional body is read", async ({ api }) => {
  const owner = await newUser(api);
  const { session } = await newInbox(api, owner.companyId);
  const key = await api.request
    .post("/v1/api-keys")
    .set(owner.bearer)
    .send({ name: "Robô", scopes: ["sessions"] });
  const { apiKeys } = api.database.system;
  const use = apiKeys.use.bind(apiKeys);
  const admissions: Promise<unknown>[] = [];
  let release: () => void = () => undefined;
  const isCut = new Promise<void>((resolve) => {
    release = resolve;
  });
  const admitting = new Promise<void>((resolve) => {
    apiKeys.use = (hash) => {
      resolve();
      const holder = isCut.then(() => use(hash));
      admissions.push(holder);
      return holder;
    };
  });
  const wake = vi.spyOn(api.publisher, "wake");
  const { port, close } = await serve(api);
  const [target] = targets({ sessions: session.id }).filter(({ name }) => name === "connectSession");
  if (!target) throw new Error("the route is missing");
  const socket = createConnection({ port, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  socket.write(`${target.head}\r\nAuthorization: Bearer ${key.body.secret}\r\n\r\n{`);
  await admitting;
  socket.destroy();
  await close();
  release();
  await Promise.all(admissions);
  // The request would use the database before these.
  for (let barrier = 0; barrier < 5; barrier += 1)
    await api.request.get(`/v1/sessions/${session.id}`).set(owner.bearer).expect(200);
  expect(wake).not.toHaveBeenCalled();
});
