import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SessionDetail } from "@syszap/contracts";
import { createLogger } from "@syszap/platform";
import { test as base } from "vitest";
import { EngineControls } from "../../src/engines/contract/controls.ts";
import type { EngineFact, EngineLease } from "../../src/engines/contract/engine.ts";
import { type Hosting, type HostTimes, hostTimes } from "../../src/engines/host/index.ts";
import { RemoteEngine } from "../../src/engines/host/remote-engine.ts";
import { simulatorDefaults } from "../../src/engines/simulator/index.ts";
import type { RemotePhoneControl } from "../../src/engines/simulator/phone-control.ts";
import { hostEntry } from "./host-entry.ts";
import { hostsOf } from "./processes.ts";
import { Recorder } from "./recorder.ts";

/** A lease whose remaining time the test sets. */
class TestLease implements EngineLease {
  readonly generation = 1;
  private endsAtMs = Number.POSITIVE_INFINITY;
  private onChangeListener: (() => void) | undefined;

  get remainingMs(): number {
    return this.endsAtMs - performance.now();
  }

  set remainingMs(remainingMs: number) {
    this.endsAtMs = performance.now() + remainingMs;
    this.onChangeListener?.();
  }

  onChange(listener: () => void): () => void {
    this.onChangeListener = listener;
    return () => undefined;
  }
}

interface Hosted {
  engine: RemoteEngine;
  /** Throws while the engine has no control. */
  controls(): RemotePhoneControl;
  lease: TestLease;
  states: Recorder<{ detail: SessionDetail; reason?: string }>;
  facts: Recorder<EngineFact>;
  pid: number;
}

type Start = (options?: { times?: Partial<HostTimes>; hosting?: Partial<Hosting> }) => Promise<Hosted>;

/** Starts simulated phones in separate processes, which are stopped at the end of the test. */
export const test = base.extend<{ host: Start }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest derives the required fixtures from this pattern
  host: async ({}, use) => {
    const directory = await mkdtemp(join(tmpdir(), "hosted-"));
    const engines: RemoteEngine[] = [];
    await use(async ({ times, hosting } = {}) => {
      const lease = new TestLease();
      const states: Hosted["states"] = new Recorder();
      const facts: Hosted["facts"] = new Recorder();
      const controls = new EngineControls();
      const sessionId = randomUUID();
      const engine = new RemoteEngine(
        { name: "simulator", options: { ...simulatorDefaults, syncMs: 1, scanAfterMs: 1 } },
        { entry: hostEntry, heapMegabytes: 256, memoryMegabytes: 2_048, times: { ...hostTimes, ...times }, ...hosting },
        {
          companyId: randomUUID(),
          sessionId,
          profileDirectory: join(directory, sessionId),
          lease,
          controls,
          log: createLogger({ service: "test", level: process.env.TEST_LOG_LEVEL ?? "silent" }),
          listener: {
            qr: () => undefined,
            pairingCode: () => undefined,
            pairingRefused: () => undefined,
            missed: () => undefined,
            state: (detail, more) => states.push({ detail, ...more }),
            fact: facts.push,
            unknownPayload: () => undefined,
            typing: () => undefined,
          },
        },
      );
      engines.push(engine);
      const before = await hostsOf(process.pid);
      await engine.start().catch(() => undefined); // the listener receives a state instead
      const [pid = 0] = (await hostsOf(process.pid)).filter((host) => !before.includes(host));
      const findControl = () => {
        const control = controls.find(sessionId);
        if (!control) throw new Error("the engine has no control");
        return control as RemotePhoneControl;
      };
      return { engine, controls: findControl, lease, states, facts, pid };
    });
    await Promise.all(engines.map((engine) => engine.stop()));
    await rm(directory, { recursive: true, force: true });
  },
});
