import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@syszap/platform";
import type { CreateEngine, Engine } from "../src/engines/contract/engine.ts";
import { RecordedEvents } from "../test/support/recorded-events.ts";
import { recover } from "../test/support/recover.ts";
import type { EngineUnderTest, WhatsAppSide } from "./whatsapp-side.ts";

/** One session with its WhatsApp side. The engines of the session run one after the other. */
export class ConformanceSession {
  /** Events of the current engine. */
  events = new RecordedEvents();
  private running: Engine | undefined;

  private constructor(
    private readonly session: { id: string; profileDirectory: string },
    private readonly create: CreateEngine,
    readonly side: WhatsAppSide,
  ) {}

  static async open(engine: EngineUnderTest): Promise<ConformanceSession> {
    const profileDirectory = await mkdtemp(join(tmpdir(), "conformance-"));
    const session = { id: randomUUID(), profileDirectory };
    const { create, side } = await engine.open(session);
    return new ConformanceSession(session, create, side);
  }

  get engine(): Engine {
    if (!this.running) throw new Error("no engine runs");
    return this.running;
  }

  async start(): Promise<void> {
    const { id: sessionId, profileDirectory } = this.session;
    this.events = new RecordedEvents();
    this.running = this.create({
      companyId: randomUUID(),
      sessionId,
      profileDirectory,
      listener: {
        ...this.events.listener,
        missed: (sinceMs) => void recover(this.engine, sinceMs, this.events.listener.fact).catch(() => undefined),
      },
      log: createLogger({ service: "conformance", level: process.env.LOG_LEVEL ?? "silent" }),
    });
    await this.running.start();
  }

  async stop(): Promise<void> {
    await this.running?.stop();
    this.running = undefined;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.side.close();
    await rm(this.session.profileDirectory, { recursive: true, force: true });
  }
}

export const ana = "5511988887777";
export const bia = "5521977776666";
export const chatOf = (number: string) => `${number}@c.us`;
