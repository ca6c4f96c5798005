import { createLogger } from "@syszap/platform";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EngineListener } from "../../src/engines/contract/engine.ts";
import { EngineRunner } from "../../src/session/engine-runner.ts";
import { sessionTimes } from "../../src/session/times.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";

const breaks = (reason: "page_silent" | "page_crashed") => (listener: EngineListener) =>
  listener.state("failed", { reason });

/** An engine runner on a fake clock. Every delay is the maximum that its jitter allows. */
class RunnerPlay {
  readonly engine = new ScriptedEngine();
  readonly told: string[] = [];
  readonly startedAtMs: number[] = [];
  readonly runner = new EngineRunner(
    (context) => {
      this.startedAtMs.push(performance.now());
      return this.engine.create(context);
    },
    {
      ...{ companyId: "company", sessionId: "session", profileDirectory: "/nowhere" },
      log: createLogger({ service: "test", level: "silent" }),
    },
    {
      ...{
        qr: () => undefined,
        missed: () => undefined,
        pairingCode: () => undefined,
        pairingRefused: () => undefined,
      },
      ...{ fact: () => undefined, typing: () => undefined, unknownPayload: () => undefined, missed: () => undefined },
      state: (detail) => this.told.push(detail),
      failing: (reason) => this.told.push(`again: ${reason}`),
      gaveUp: (reason) => this.told.push(`gave up: ${reason}`),
    },
    sessionTimes,
  );

  /** Seconds between consecutive starts. */
  get delaysSeconds(): number[] {
    return this.startedAtMs.slice(1).map((at, index) => Math.round((at - (this.startedAtMs[index] ?? 0)) / 1_000));
  }
}

describe("a browser that fails", () => {
  let play: RunnerPlay;
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, "random").mockReturnValue(1);
    play = new RunnerPlay();
  });
  afterEach(async () => {
    await play.runner.stop();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  test("is restarted with growing delays, and given up with the reason after six restarts", async () => {
    play.engine.onStart = breaks("page_silent");
    await play.runner.start();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(play.delaysSeconds).toEqual([4, 8, 16, 32, 60, 60]);
    expect(play.told).toEqual([...Array.from({ length: 6 }, () => "again: page_silent"), "gave up: page_silent"]);
  });

  test("may be restarted as often again after a minute in state connected", async () => {
    play.engine.onStart = breaks("page_crashed");
    await play.runner.start();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(play.delaysSeconds).toEqual([4, 8]);
    play.engine.onStart = (listener) => listener.state("connected");
    await vi.advanceTimersByTimeAsync(61_000 + 16_000);
    expect(play.told.at(-1)).toBe("connected");
    play.engine.onStart = breaks("page_crashed");
    play.engine.emit().state("failed", { reason: "page_crashed" });
    await vi.advanceTimersByTimeAsync(13_000);
    expect(play.delaysSeconds.slice(-1)).toEqual([8]);
  });
});
