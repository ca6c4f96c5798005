import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readlink, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLogger } from "@syszap/platform";
import { describe, expect, onTestFinished } from "vitest";
import type { Engine } from "../../../src/engines/contract/engine.ts";
import { refusal } from "../../../src/engines/contract/engine.ts";
import { Deadline } from "../../../src/engines/host/deadline.ts";
import { EngineHost, reportingListener } from "../../../src/engines/host/engine-host.ts";
import { ProcessTree, runVariable } from "../../../src/engines/host/process-tree.ts";
import { type HostReport, maxResultBytes, monotonicMs } from "../../../src/engines/host/protocol.ts";
import { createWppconnectEngine } from "../../../src/engines/wppconnect/index.ts";
import { bytesOf } from "../../support/bytes.ts";
import { hostEntry } from "../../support/host-entry.ts";
import { test } from "../../support/hosted.ts";
import { processesOf, runOf } from "../../support/processes.ts";

const poll = { timeout: 60_000 };
/** Fails on signals, and starts child processes. */
const faultyEntry = new URL("../../support/engines/host/main-with-faults.ts", import.meta.url);
/** One in the host's process group, three in another group. */
const childCount = 4;
const query = { kind: "text", waKey: "k", waChatId: "5511999990000@c.us", body: "" } as const;

describe("an engine in a separate process", { timeout: 300_000 }, () => {
  test("forwards events, facts, files and typed errors, and stops without remains", async ({ host }) => {
    const { engine, controls, states, facts, pid } = await host({ times: { measureEveryMs: 100 } });
    const run = await runOf(pid);
    await states.next(({ detail }) => detail === "connected");
    await controls().message({ from: "5511999990000", body: "bom dia", file: { kind: "image", seed: "x" } });
    const fact = await facts.next();
    if (fact.kind !== "message" || !fact.media) throw new Error("the fact has no picture");
    const picture = await bytesOf(engine.downloadMedia(fact.media, 1_000_000));
    expect(picture.subarray(1, 4).toString()).toBe("PNG");
    const tooLarge = bytesOf(engine.downloadMedia(fact.media, 10));
    await expect(tooLarge).rejects.toMatchObject({ name: "MediaError", kind: "too_large" });
    const text = { kind: "text" as const, waKey: "k", waChatId: "5511999990000@c.us", body: "oi" };
    await expect(engine.send(text)).rejects.toMatchObject({ name: "SendError", kind: "permanent" });
    await expect.poll(() => engine.memoryBytes, poll).toBeGreaterThan(1_000_000);
    await engine.stop();
    expect(await processesOf(run)).toEqual([]);
    expect(states.all.map(({ detail }) => detail)).not.toContain("failed");
    expect(controls).toThrow("no control");
  });

  test("emits `failed` once when its process is killed, and rejects further calls", async ({ host }) => {
    const { engine, states, pid } = await host();
    await states.next(({ detail }) => detail === "connected");
    process.kill(pid, "SIGKILL");
    expect((await states.next(({ detail }) => detail === "failed")).reason).toBe("engine_crashed");
    await expect(engine.markRead("5511999990000@c.us")).rejects.toMatchObject({ kind: "transient" });
  });

  test("is killed with its child processes when it hangs", async ({ host }) => {
    const { states, pid } = await host({ times: { silenceMs: 2_000 } });
    const run = await runOf(pid);
    process.kill(pid, "SIGSTOP");
    expect((await states.next(({ detail }) => detail === "failed")).reason).toBe("engine_silent");
    expect(await processesOf(run)).toEqual([]);
  });

  test("leaves no child process of any process group when it ends", async ({ host }) => {
    const { states, pid } = await host({ hosting: { entry: faultyEntry } });
    const run = await runOf(pid);
    await expect.poll(async () => (await processesOf(run)).length, poll).toBeGreaterThanOrEqual(childCount);
    process.kill(pid, "SIGKILL");
    expect((await states.next(({ detail }) => detail === "failed")).reason).toBe("engine_crashed");
    expect(await processesOf(run)).toEqual([]);
  });

  test("ends if its connector dies while it is loading", async () => {
    const run = randomUUID();
    const options = {
      detached: true,
      execArgv: ["--import", "tsx"],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      cwd: fileURLToPath(new URL(".", hostEntry)),
      env: { ...process.env, [runVariable]: run },
    };
    const connector = `const { fork } = require("node:child_process");
      const host = fork(${JSON.stringify(fileURLToPath(hostEntry))}, [], ${JSON.stringify(options)});
      require("node:fs").writeSync(1, String(host.pid));
      process.kill(process.pid, "SIGKILL");`;
    const { stdout, signal } = spawnSync(process.execPath, ["-e", connector], { encoding: "utf8" });
    expect(signal).toBe("SIGKILL");
    onTestFinished(() => void new ProcessTree(Number(stdout), run).kill());
    expect(await runOf(Number(stdout))).toContain(run);
    await expect.poll(() => processesOf(run), poll).toEqual([]);
  });

  test("is killed with its child processes when its event loop is blocked", async ({ host }) => {
    const { states, pid } = await host({ times: { silenceMs: 2_000 }, hosting: { entry: faultyEntry } });
    const run = await runOf(pid);
    process.kill(pid, "SIGUSR2");
    expect((await states.next(({ detail }) => detail === "failed")).reason).toBe("engine_silent");
    expect(await processesOf(run)).toEqual([]);
  });

  test("pulls a sent file piece by piece, and receives the error of a missing file", async ({ host }) => {
    const { engine, states } = await host();
    await states.next(({ detail }) => detail === "connected");
    let isReadToEnd = false;
    const file = (pieces: () => AsyncGenerator<Uint8Array>) => ({
      mimeType: "application/pdf",
      fileName: "a.pdf",
      sizeBytes: 3_000_000,
      open: pieces,
    });
    const document = { kind: "media" as const, waChatId: "5511999990001@c.us", as: "document" as const, caption: "" };
    await engine.send({
      ...document,
      waKey: "whole",
      file: file(async function* () {
        for (let part = 0; part < 3; part += 1) yield new Uint8Array(1_000_000).fill(part);
        isReadToEnd = true;
      }),
    });
    expect(isReadToEnd).toBe(true);
    const missing = engine.send({
      ...document,
      waKey: "missing",
      // biome-ignore lint/correctness/useYield: a file that can't be opened has no pieces
      file: file(async function* () {
        throw refusal("file_gone");
      }),
    });
    await expect(missing).rejects.toMatchObject({ name: "SendError", kind: "permanent", reason: "file_gone" });
    const tooLarge = { ...file(async function* () {}), sizeBytes: 3_000_000_000 };
    const refused = engine.send({ ...document, waKey: "large", file: tooLarge });
    await expect(refused).rejects.toMatchObject({ kind: "permanent", reason: "too_large" });
  });

  test("is killed by its guard at the end of its lease, even if its event loop is blocked", async ({ host }) => {
    const { engine, lease, states, pid } = await host({
      times: { silenceMs: 60_000 },
      hosting: { entry: faultyEntry },
    });
    const run = await runOf(pid);
    await states.next(({ detail }) => detail === "connected");
    lease.remainingMs = 5_000;
    await engine.find(query).catch(() => undefined); // a barrier: the host has received the deadline
    process.kill(pid, "SIGUSR2");
    expect((await states.next(({ detail }) => detail === "failed")).reason).toBe("engine_crashed");
    expect(lease.remainingMs).toBeLessThanOrEqual(0);
    expect(await processesOf(run)).toEqual([]);
  });

  test("ends with its child processes when its heap is full", async ({ host }) => {
    const { states, pid } = await host({ hosting: { entry: faultyEntry, heapMegabytes: 64 } });
    const run = await runOf(pid);
    process.kill(pid, "SIGWINCH");
    expect((await states.next(({ detail }) => detail === "failed")).reason).toBe("engine_crashed");
    expect(await processesOf(run)).toEqual([]);
  });

  test("is killed with a reason when it exceeds its memory limit", async ({ host }) => {
    const { states } = await host({ times: { measureEveryMs: 100 }, hosting: { memoryMegabytes: 20 } });
    expect((await states.next(({ detail }) => detail === "failed")).reason).toBe("engine_out_of_memory");
  });

  test("runs on after a renewal of its lease, and ends when the lease ends", async ({ host }) => {
    const { engine, lease, states, pid } = await host();
    const run = await runOf(pid);
    await states.next(({ detail }) => detail === "connected");
    lease.remainingMs = 700;
    lease.remainingMs = 60_000;
    await expect(engine.find(query)).resolves.toBe("absent");
    lease.remainingMs = 300;
    await states.next(({ detail }) => detail === "failed");
    expect(lease.remainingMs).toBeLessThanOrEqual(0);
    expect(await processesOf(run)).toEqual([]);
  });
});

describe("the host", () => {
  const createHost = (engine: Partial<Engine>, deadlineMs: number) => {
    const reports: HostReport[] = [];
    const deadline = new Deadline();
    deadline.set(deadlineMs);
    const report = (received: HostReport) => reports.push(received);
    return { reports, host: new EngineHost({ engine: engine as Engine, control: () => undefined, deadline, report }) };
  };

  test("sends nothing after its deadline, even if the connector has not ended it", async () => {
    const sent: unknown[] = [];
    const engine = { send: async (text: unknown) => void sent.push(text), find: async () => "absent" as const };
    const { host, reports } = createHost(engine, monotonicMs() - 1);
    await host.carryOut({ kind: "call", id: 1, method: "send", args: [{}] });
    await host.carryOut({ kind: "call", id: 2, method: "find", args: ["c", "k"] });
    expect(sent).toEqual([]);
    expect(reports).toMatchObject([
      { kind: "error", id: 1, error: { sendError: "transient" } },
      { kind: "result", id: 2, result: "absent" },
    ]);
  });

  test("starts no browser after its deadline: the profile and its locks may belong to another owner", async ({
    onTestFinished,
  }) => {
    const profileDirectory = await mkdtemp(join(tmpdir(), "owned-elsewhere-"));
    onTestFinished(() => rm(profileDirectory, { recursive: true }));
    await mkdir(join(profileDirectory, "chromium"));
    const lock = join(profileDirectory, "chromium", "SingletonLock");
    await symlink("another-machine-4711", lock);
    const engine = createWppconnectEngine({ standIn: "127.0.0.1:9" })({
      companyId: randomUUID(),
      sessionId: randomUUID(),
      profileDirectory,
      listener: reportingListener(() => undefined),
      log: createLogger({ service: "test", level: "silent" }),
    });
    const { host, reports } = createHost(engine, monotonicMs() - 1);
    await host.carryOut({ kind: "call", id: 1, method: "start", args: [] });
    expect(reports).toMatchObject([{ kind: "error", id: 1, error: { sendError: "transient" } }]);
    expect(await readlink(lock)).toBe("another-machine-4711");
  });

  test("refuses a result above the size limit", async () => {
    const { host, reports } = createHost(
      { fetchProfilePicture: async () => new Uint8Array(maxResultBytes + 1) },
      Number.POSITIVE_INFINITY,
    );
    await host.carryOut({ kind: "call", id: 1, method: "fetchProfilePicture", args: ["5511999990000"] });
    expect(reports).toMatchObject([{ kind: "error", error: { message: expect.stringContaining("larger") } }]);
  });
});
