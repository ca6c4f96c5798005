import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@syszap/platform";
import { type Phone, type StandIn, type StandInOptions, startStandIn } from "@syszap/whatsapp-web-stand-in";
import { test as base } from "vitest";
import type { Engine, EngineListener } from "../../../src/engines/contract/engine.ts";
import { createWppconnectEngine, type WppconnectOptions } from "../../../src/engines/wppconnect/index.ts";
import { Heard } from "../recorded-events.ts";
import { processesOf } from "./browser-processes.ts";

export const shop = "5511999990000";
export const ana = "5511988887777";
export const bia = "5521977776666";
export const chatOf = (number: string) => `${number}@c.us`;

/** One session's profile, and the engines that run on it one after the other. */
export class Bench {
  heard = new Heard();
  /** All that the engines logged. */
  log = "";
  private engine: Engine | undefined;

  private constructor(
    readonly standIn: StandIn,
    readonly profileDirectory: string,
  ) {}

  static async open(options: StandInOptions = {}): Promise<Bench> {
    return new Bench(await startStandIn(options), await mkdtemp(join(tmpdir(), "wppconnect-engine-")));
  }
  async start(options: WppconnectOptions = {}, listener: Partial<EngineListener> = {}): Promise<Engine> {
    this.heard = new Heard();
    const create = createWppconnectEngine({ standIn: this.standIn.address, ...options });
    this.engine = create({
      companyId: crypto.randomUUID(),
      sessionId: crypto.randomUUID(),
      profileDirectory: this.profileDirectory,
      listener: { ...this.heard.listener, ...listener },
      log: createLogger({ service: "test", level: "trace", destination: { write: (line) => this.keepLog(line) } }),
    });
    await this.engine.start();
    return this.engine;
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
  /** The browser's processes on this profile; others may run beside. */
  processes() {
    return processesOf(this.profileDirectory);
  }
  async kill(which: (commandLine: string) => boolean, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    for (const { pid, commandLine } of await this.processes()) {
      if (!which(commandLine)) continue;
      try {
        process.kill(pid, signal);
      } catch {
        // gone since it was listed
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
  const bench = await Bench.open();
  const phone = bench.standIn.phone(shop, "Loja");
  await bench.start();
  bench.standIn.scan((await bench.heard.code()).raw, phone);
  await bench.heard.state("connected");
  await bench.stop();
  await bench.standIn.close();
  return { directory: bench.profileDirectory, tokens: phone.tokens };
}

interface Fixtures {
  /** A session that was never linked. */
  bench: Bench;
  /** A linked one, whose engine does not run yet: a copy of one profile, with a stand-in and a phone of its own. */
  linked: Bench & { phone: Phone };
}

/** Each test stands alone; a phone is linked once a file, when a test first asks for it. */
export const test = base.extend<Fixtures & { profile: LinkedProfile }>({
  profile: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from this pattern
    async ({}, use) => {
      const profile = await linkProfile();
      await use(profile);
      await rm(profile.directory, { recursive: true, force: true });
    },
    { scope: "file" },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from this pattern
  bench: async ({}, use) => {
    const bench = await Bench.open();
    await use(bench);
    await bench.close();
  },
  linked: async ({ profile }, use) => {
    const bench = await Bench.open();
    await cp(profile.directory, bench.profileDirectory, { recursive: true });
    const phone = bench.standIn.phone(shop, "Loja");
    for (const token of profile.tokens) phone.adopt(token);
    await use(Object.assign(bench, { phone }));
    await bench.close();
  },
});
