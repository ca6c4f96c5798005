import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@syszap/platform";
import type { ProxyAddress } from "@syszap/platform/proxy";
import { type Phone, type StandIn, type StandInOptions, startStandIn } from "@syszap/whatsapp-web-stand-in";
import { test as base } from "vitest";
import type { Engine, EngineListener } from "../../../src/engines/contract/engine.ts";
import { createWppconnectEngine, type WppconnectOptions } from "../../../src/engines/wppconnect/index.ts";
import { RecordedEvents } from "../recorded-events.ts";
import { recover } from "../recover.ts";
import { processesOf } from "./browser-processes.ts";

export const shop = "5511999990000";
export const ana = "5511988887777";
export const bia = "5521977776666";
export const chatOf = (number: string) => `${number}@c.us`;

/** A stand-in for WhatsApp Web and one profile. The engines of the profile run one after the other. */
export class EngineFixture {
  events = new RecordedEvents();
  /** The log of all engines. */
  log = "";
  private engine: Engine | undefined;

  private constructor(
    readonly standIn: StandIn,
    readonly profileDirectory: string,
  ) {}

  static async open(options: StandInOptions = {}): Promise<EngineFixture> {
    return new EngineFixture(await startStandIn(options), await mkdtemp(join(tmpdir(), "wppconnect-engine-")));
  }

  async start(
    options: WppconnectOptions = {},
    listener: Partial<EngineListener> = {},
    proxy?: ProxyAddress,
  ): Promise<Engine> {
    this.events = new RecordedEvents();
    const { listener: recorded } = this.events;
    const create = createWppconnectEngine({ standIn: this.standIn.address, ...options });
    const engine = create({
      companyId: crypto.randomUUID(),
      sessionId: crypto.randomUUID(),
      profileDirectory: this.profileDirectory,
      proxy,
      listener: {
        ...recorded,
        missed: (sinceMs) => void recover(engine, sinceMs, recorded.fact).catch(() => undefined),
        ...listener,
      },
      log: createLogger({ service: "test", level: "trace", destination: { write: (line) => this.keepLog(line) } }),
    });
    this.engine = engine;
    await engine.start();
    return engine;
  }

  private keepLog(line: string): void {
    this.log += line;
    if (process.env.LOG_LEVEL) process.stderr.write(line);
  }

  async stop(): Promise<void> {
    await this.engine?.stop();
    this.engine = undefined;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.standIn.close();
    await rm(this.profileDirectory, { recursive: true, force: true });
  }

  /** Returns the browser processes on this profile. */
  processes() {
    return processesOf(this.profileDirectory);
  }

  async kill(matches: (commandLine: string) => boolean, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    for (const { pid, commandLine } of await this.processes()) {
      if (!matches(commandLine)) continue;
      try {
        process.kill(pid, signal);
      } catch {
        // the process has ended meanwhile
      }
    }
  }
}

export const isBrowser = (commandLine: string) =>
  commandLine.includes("--user-data-dir") && !commandLine.includes("--type=");
export const isRenderer = (commandLine: string) => commandLine.includes("--type=renderer");

interface LinkedProfile {
  directory: string;
  tokens: string[];
}

async function linkProfile(): Promise<LinkedProfile> {
  const fixture = await EngineFixture.open();
  const phone = fixture.standIn.phone(shop, "Loja");
  await fixture.start();
  fixture.standIn.scan((await fixture.events.code()).raw, phone);
  await fixture.events.state("connected");
  await fixture.stop();
  await fixture.standIn.close();
  return { directory: fixture.profileDirectory, tokens: phone.tokens };
}

interface Fixtures {
  /** A session that is not linked. */
  fixture: EngineFixture;
  /** A linked session whose engine does not run yet, with a copy of one linked profile and a separate stand-in. */
  linked: EngineFixture & { phone: Phone };
}

/** The fixtures of a test are independent of other tests. The copied profile is linked once per test file. */
export const test = base.extend<Fixtures & { profile: LinkedProfile }>({
  profile: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest derives the required fixtures from this pattern
    async ({}, use) => {
      const profile = await linkProfile();
      await use(profile);
      await rm(profile.directory, { recursive: true, force: true });
    },
    { scope: "file" },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: vitest derives the required fixtures from this pattern
  fixture: async ({}, use) => {
    const fixture = await EngineFixture.open();
    await use(fixture);
    await fixture.close();
  },
  linked: async ({ profile }, use) => {
    const fixture = await EngineFixture.open();
    await cp(profile.directory, fixture.profileDirectory, { recursive: true });
    const phone = fixture.standIn.phone(shop, "Loja");
    for (const token of profile.tokens) phone.adopt(token);
    await use(Object.assign(fixture, { phone }));
    await fixture.close();
  },
});
