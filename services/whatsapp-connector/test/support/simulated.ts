import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { SessionDetail, TypingState } from "@syszap/contracts";
import { createLogger } from "@syszap/platform";
import { test as base } from "vitest";
import { EngineControls } from "../../src/engines/contract/controls.ts";
import type { Engine, EngineFact } from "../../src/engines/contract/engine.ts";
import { createSimulator, type SimulatorOptions, simulatorDefaults } from "../../src/engines/simulator/index.ts";
import type { PhoneControl } from "../../src/engines/simulator/phone-control.ts";
import { Recorder } from "./recorder.ts";

export type SimulatorEvent =
  | { kind: "state"; detail: SessionDetail; phoneNumber?: string | undefined; reason?: string | undefined }
  | { kind: "qr"; raw: string; attempt: number; expiresAt: Date }
  | { kind: "fact"; fact: EngineFact }
  | { kind: "typing"; waChatId: string; state: TypingState };

export interface Simulated {
  engine: Engine;
  events: Recorder<SimulatorEvent>;
  phone(): PhoneControl;
  state(detail: SessionDetail): Promise<SimulatorEvent & { kind: "state" }>;
  fact<Kind extends EngineFact["kind"]>(kind: Kind): Promise<EngineFact & { kind: Kind }>;
}

type Start = (options?: Partial<SimulatorOptions>, profile?: string) => Promise<Simulated>;

const quick: SimulatorOptions = {
  ...simulatorDefaults,
  seed: "test",
  syncMs: 1,
  qrRotateMs: 30,
  receiptDelaysMs: { sent: 1, delivered: 2, read: 3 },
};

/** Starts simulated phones, which are stopped at the end of the test. The same `profile` is the same phone; its last part is the session. */
export const test = base.extend<{ simulate: Start }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest derives the required fixtures from this pattern
  simulate: async ({}, use) => {
    const directory = await mkdtemp(join(tmpdir(), "simulated-"));
    const started: Engine[] = [];
    await use(async (options, profile = randomUUID()) => {
      const simulated = build({ ...quick, ...options }, join(directory, profile));
      started.push(simulated.engine);
      await simulated.engine.start();
      return simulated;
    });
    await Promise.all(started.map((engine) => engine.stop()));
    await rm(directory, { recursive: true, force: true });
  },
});

function build(options: SimulatorOptions, profileDirectory: string): Simulated {
  const events = new Recorder<SimulatorEvent>();
  const controls = new EngineControls();
  const sessionId = basename(profileDirectory);
  const engine = createSimulator(options)({
    companyId: randomUUID(),
    sessionId,
    profileDirectory,
    controls,
    log: createLogger({ service: "test", level: "silent" }),
    listener: {
      qr: (qr) => events.push({ kind: "qr", ...qr }),
      pairingCode: () => undefined,
      pairingRefused: () => undefined,
      state: (detail, more) => events.push({ kind: "state", detail, ...more }),
      fact: (fact) => events.push({ kind: "fact", fact }),
      unknownPayload: () => undefined,
      missed: () => undefined,
      typing: (typing) => events.push({ kind: "typing", ...typing }),
    },
  });
  return {
    engine,
    events,
    phone: () => {
      const control = controls.find(sessionId);
      if (!control) throw new Error("the phone does not run");
      return control as PhoneControl;
    },
    state: (detail) =>
      events.next(
        (item): item is SimulatorEvent & { kind: "state" } => item.kind === "state" && item.detail === detail,
      ),
    fact: async (kind) => {
      const { fact } = await events.next(
        (item): item is SimulatorEvent & { kind: "fact" } => item.kind === "fact" && item.fact.kind === kind,
      );
      return fact as EngineFact & { kind: typeof kind };
    },
  };
}
