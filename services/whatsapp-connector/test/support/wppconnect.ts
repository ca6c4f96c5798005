import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@syszap/platform";
import { type StandIn, type StandInOptions, startStandIn } from "@syszap/testing/whatsapp-web-stand-in";
import type { Engine } from "../../src/engines/engine.ts";
import { createWppconnectEngine, type WppconnectOptions } from "../../src/engines/wppconnect/index.ts";
import { processesOf } from "./browser-processes.ts";
import { Heard } from "./heard.ts";

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
  async start(options: WppconnectOptions = {}): Promise<Engine> {
    this.heard = new Heard();
    const create = createWppconnectEngine({ standIn: this.standIn.address, ...options });
    this.engine = create({
      companyId: crypto.randomUUID(),
      sessionId: crypto.randomUUID(),
      profileDirectory: this.profileDirectory,
      listener: this.heard.listener,
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
}
