import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SessionDetail } from "@syszap/contracts";
import { createLogger } from "@syszap/platform";
import { type StandIn, type StandInOptions, startStandIn } from "@syszap/testing/whatsapp-web-stand-in";
import type { Engine, EngineFact, EngineListener } from "../../src/engines/engine.ts";
import { createWppconnectEngine, type WppconnectOptions } from "../../src/engines/wppconnect/index.ts";
import { Recorder } from "./recorder.ts";

type FactOf<Kind extends EngineFact["kind"]> = Extract<EngineFact, { kind: Kind }>;
type State = { detail: SessionDetail; reason?: string; phoneNumber?: string };
/** The machine may be busy with other browsers: a start alone can then take many seconds. */
export const patienceMs = 45_000;

/** What one run of an engine said. */
class Heard {
  readonly codes = new Recorder<Parameters<EngineListener["qr"]>[0]>();
  readonly states = new Recorder<State>();
  readonly facts = new Recorder<EngineFact>();
  readonly typings = new Recorder<Parameters<EngineListener["typing"]>[0]>();
  readonly listener: EngineListener = {
    qr: this.codes.push,
    state: (detail, more = {}) => this.states.push({ detail, ...more }),
    fact: this.facts.push,
    typing: this.typings.push,
  };

  code() {
    return this.codes.next(() => true, patienceMs);
  }
  state(detail: SessionDetail): Promise<State> {
    return this.states.next((state) => state.detail === detail, patienceMs);
  }
  fact<Kind extends EngineFact["kind"]>(
    kind: Kind,
    isIt: (fact: FactOf<Kind>) => boolean = () => true,
  ): Promise<FactOf<Kind>> {
    const matches = (fact: EngineFact): fact is FactOf<Kind> => fact.kind === kind && isIt(fact as FactOf<Kind>);
    return this.facts.next(matches, patienceMs);
  }
  message(body: string): Promise<FactOf<"message">> {
    return this.fact("message", (fact) => fact.body === body);
  }
  typing() {
    return this.typings.next(() => true, patienceMs);
  }
}

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
  async processes(): Promise<{ pid: number; commandLine: string }[]> {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
    const read = (pid: number) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    const all = await Promise.all(pids.map(async (pid) => ({ pid, commandLine: await read(pid) })));
    return all.filter(({ commandLine }) => commandLine.includes(this.profileDirectory));
  }
}

/** An id such as the connector gives to a message before it is sent. */
export const newKey = () => `3EB0${crypto.randomUUID().replaceAll("-", "").slice(0, 18).toUpperCase()}`;
