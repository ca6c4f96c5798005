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
import { type HostReport, monotonicMs, mostBytesPassed } from "../../../src/engines/host/protocol.ts";
import { createWppconnectEngine } from "../../../src/engines/wppconnect/index.ts";
import { bytesOf } from "../../support/bytes.ts";
import { test } from "../../support/hosted.ts";
import { processesOf, runOf } from "../../support/processes.ts";

const patience = { timeout: 10_000 };
/** Breaks on order, and has processes beside it. */
const entry = new URL("../../support/engines/host/main-that-obeys.ts", import.meta.url);
const hostEntry = new URL("../../../src/engines/host/main.ts", import.meta.url);
const beside = 4; // one in its group, three in one of their own

describe("an engine in a process of its own", { timeout: 30_000 }, () => {
  test("does what one here does: states and facts, files, errors of their kind, and it ends in order", async ({
    host,
  }) => {
    const { engine, states, facts, pid } = await host({ times: { measureEveryMs: 100 } });
    const run = await runOf(pid);
    await states.next(({ detail }) => detail === "connected");
    await engine.order("message", [{ from: "5511999990000", body: "bom dia", imageSeed: "x" }]);
    const fact = await facts.next();
    if (fact.kind !== "message" || !fact.media) throw new Error("no picture came");
    const picture = await bytesOf(engine.downloadMedia(fact.media, 1_000_000));
    expect(picture.subarray(1, 4).toString()).toBe("PNG");
    const tooLarge = bytesOf(engine.downloadMedia(fact.media, 10));
    await expect(tooLarge).rejects.toMatchObject({ name: "MediaError", kind: "too_large" });
    const text = { kind: "text" as const, waKey: "k", waChatId: "5511999990000@c.us", body: "oi" };
    await expect(engine.send(text)).rejects.toMatchObject({ name: "SendError", kind: "permanent" });
    await expect.poll(() => engine.memoryBytes, patience).toBeGreaterThan(1_000_000);
    await engine.stop();
    expect(await processesOf(run)).toEqual([]);
    expect(states.all.map(({ detail }) => detail)).not.toContain("failed");
  });

  test("killed from outside is told once as failed, and what was asked of it is refused", async ({ host }) => {
    const { engine, states, pid } = await host();
    await states.next(({ detail }) => detail === "connected");
    process.kill(pid, "SIGKILL");
    expect((await states.next(({ detail }) => detail === "failed")).reason).toBe("engine_crashed");
    await expect(engine.markRead("5511999990000@c.us")).rejects.toMatchObject({ kind: "transient" });
  });

  test("that hangs is ended with all it started", async ({ host }) => {
    const { states, pid } = await host({ times: { silenceMs: 2_000 } });
    const run = await runOf(pid);
    process.kill(pid, "SIGSTOP");
    expect((await states.next(({ detail }) => detail === "failed")).reason).toBe("engine_silent");
    expect(await processesOf(run)).toEqual([]);
  });

  test("that ends takes along all that it started, in whatever group", async ({ host }) => {
    const { states, pid } = await host({ hosting: { entry } });
    const run = await runOf(pid);
    await expect.poll(async () => (await processesOf(run)).length, patience).toBeGreaterThanOrEqual(beside);
    process.kill(pid, "SIGKILL");
    expect((await states.next(({ detail }) => detail === "failed")).reason).toBe("engine_crashed");
    expect(await processesOf(run)).toEqual([]);
  });

  test("whose connector died while it was loading ends by itself", async () => {
    const run = randomUUID();
    const options = {
      ...{ detached: true, execArgv: ["--import", "tsx"], stdio: ["ignore", "ignore", "ignore", "ipc"] },
      ...{ cwd: fileURLToPath(new URL(".", hostEntry)), env: { ...process.env, [runVariable]: run } },
    };
    const connector = `const { fork } = require("node:child_process");
      const host = fork(${JSON.stringify(fileURLToPath(hostEntry))}, [], ${JSON.stringify(options)});
      require("node:fs").writeSync(1, String(host.pid));
      process.kill(process.pid, "SIGKILL");`;
    const { stdout, signal } = spawnSync(process.execPath, ["-e", connector], { encoding: "utf8" });
    expect(signal).toBe("SIGKILL");
    onTestFinished(() => void new ProcessTree(Number(stdout), run).kill());
    expect(await runOf(Number(stdout))).toContain(run);
    await expect.poll(() => processesOf(run), patience).toEqual([]);
  });

  test("whose loop hangs is noticed by its silence, and ended with all it started", async ({ host }) => {
    const { states, pid } = await host({ times: { silenceMs: 2_000 }, hosting: { entry } });
    const run = await runOf(pid);
    process.kill(pid, "SIGUSR2");
    expect((await states.next(({ detail }) => detail === "failed")).reason).toBe("engine_silent");
    expect(await processesOf(run)).toEqual([]);
  });

  test("gets a file that is sent piece by piece, as fast as it takes it, and is told why there is none", async ({
    host,
  }) => {
    const { engine, states } = await host();
    await states.next(({ detail }) => detail === "connected");
    let isLetGo = false;
    const file = (pieces: () => AsyncGenerator<Uint8Array>) => ({
      ...{ mimeType: "application/pdf", fileName: "a.pdf", sizeBytes: 3_000_000, open: pieces },
    });
    const order = { kind: "media" as const, waChatId: "5511999990001@c.us", as: "document" as const, caption: "" };
    await engine.send({
      ...{ ...order, waKey: "whole" },
      file: file(async function* () {
        for (let part = 0; part < 3; part += 1) yield new Uint8Array(1_000_000).fill(part);
        isLetGo = true;
      }),
    });
    expect(isLetGo).toBe(true);
    const missing = engine.send({
      ...{ ...order, waKey: "missing" },
      // biome-ignore lint/correctness/useYield: a file that can't be opened has no pieces
      file: file(async function* () {
        throw refusal("file_gone");
      }),
    });
    await expect(missing).rejects.toMatchObject({ name: "SendError", kind: "permanent", reason: "file_gone" });
    const tooLarge = { ...file(async function* () {}), sizeBytes: 3_000_000_000 };
    const refused = engine.send({ ...order, waKey: "large", file: tooLarge });
    await expect(refused).rejects.toMatchObject({ kind: "permanent", reason: "too_large" });
  });

  test("whose loop hangs is ended by its guard when its lease ends, with all it started", async ({ host }) => {
    const { engine, lease, states, pid } = await host({ times: { silenceMs: 60_000 }, hosting: { entry } });
    const run = await runOf(pid);
    await states.next(({ detail }) => detail === "connected");
    lease.remainingMs = 1_500;
    const endsAt = performance.now() + 1_500;
    await engine.find({ kind: "text", waKey: "k", waChatId: "5511999990000@c.us", body: "" }); // answered after the lease's end was heard
    process.kill(pid, "SIGUSR2");
    expect((await states.next(({ detail }) => detail === "failed")).reason).toBe("engine_crashed");
    expect(performance.now()).toBeGreaterThan(endsAt - 100);
    expect(await processesOf(run)).toEqual([]);
  });

  test("that fills its heap ends, with all it started, and nobody else", async ({ host }) => {
    const { states, pid } = await host({ hosting: { entry, heapMegabytes: 64 } });
    const run = await runOf(pid);
    process.kill(pid, "SIGWINCH");
    expect((await states.next(({ detail }) => detail === "failed")).reason).toBe("engine_crashed");
    expect(await processesOf(run)).toEqual([]);
  });

  test("that takes too much memory is ended, and the reason says so", async ({ host }) => {
    const { states } = await host({ times: { measureEveryMs: 100 }, hosting: { memoryMegabytes: 20 } });
    expect((await states.next(({ detail }) => detail === "failed")).reason).toBe("engine_out_of_memory");
  });

  test("outlives its lease by no more than a moment, and lives on with each renewal", async ({ host }) => {
    const { engine, lease, states, pid } = await host();
    const run = await runOf(pid);
    await states.next(({ detail }) => detail === "connected");
    lease.remainingMs = 700;
    lease.remainingMs = 60_000;
    await expect(engine.find({ kind: "text", waKey: "k", waChatId: "5511999990000@c.us", body: "" })).resolves.toBe(
      "absent",
    );
    const endedBefore = performance.now() + 300;
    lease.remainingMs = 300;
    await states.next(({ detail }) => detail === "failed");
    expect(performance.now()).toBeGreaterThanOrEqual(endedBefore);
    expect(performance.now() - endedBefore).toBeLessThan(10_000);
    expect(await processesOf(run)).toEqual([]);
  });
});

describe("the host", () => {
  const hostOf = (engine: Partial<Engine>, deadlineMs: number) => {
    const reports: HostReport[] = [];
    const deadline = new Deadline();
    deadline.set(deadlineMs);
    const report = (said: HostReport) => reports.push(said);
    return { reports, host: new EngineHost({ engine: engine as Engine, phone: () => undefined, deadline, report }) };
  };

  test("sends nothing past its deadline, although nobody told it that the lease is gone", async () => {
    const sent: unknown[] = [];
    const engine = { send: async (text: unknown) => void sent.push(text), find: async () => "absent" as const };
    const { host, reports } = hostOf(engine, monotonicMs() - 1);
    await host.carryOut({ kind: "call", id: 1, method: "send", args: [{}] });
    await host.carryOut({ kind: "call", id: 2, method: "find", args: ["c", "k"] });
    expect(sent).toEqual([]);
    expect(reports).toMatchObject([
      { kind: "refusal", id: 1, refusal: { sendError: "transient" } },
      { kind: "answer", id: 2, result: "absent" },
    ]);
  });

  test("opens no browser past its deadline: the profile, and the locks in it, may be another owner's by now", async ({
    onTestFinished,
  }) => {
    const profileDirectory = await mkdtemp(join(tmpdir(), "owned-elsewhere-"));
    onTestFinished(() => rm(profileDirectory, { recursive: true }));
    await mkdir(join(profileDirectory, "chromium"));
    const lock = join(profileDirectory, "chromium", "SingletonLock");
    await symlink("another-machine-4711", lock);
    const engine = createWppconnectEngine({ standIn: "127.0.0.1:9" })({
      ...{ companyId: randomUUID(), sessionId: randomUUID(), profileDirectory },
      listener: reportingListener(() => undefined),
      log: createLogger({ service: "test", level: "silent" }),
    });
    const { host, reports } = hostOf(engine, monotonicMs() - 1);
    await host.carryOut({ kind: "call", id: 1, method: "start", args: [] });
    expect(reports).toMatchObject([{ kind: "refusal", id: 1, refusal: { sendError: "transient" } }]);
    expect(await readlink(lock)).toBe("another-machine-4711");
  });

  test("passes nothing on at once that is larger than the bound", async () => {
    const { host, reports } = hostOf(
      { fetchProfilePicture: async () => new Uint8Array(mostBytesPassed + 1) },
      Infinity,
    );
    await host.carryOut({ kind: "call", id: 1, method: "fetchProfilePicture", args: ["5511999990000"] });
    expect(reports).toMatchObject([{ kind: "refusal", refusal: { message: expect.stringContaining("larger") } }]);
  });
});
