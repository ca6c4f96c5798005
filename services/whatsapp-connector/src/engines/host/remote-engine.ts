import { setTimeout as delay } from "node:timers/promises";
import type { TypingState } from "@syszap/contracts";
import type { CreateEngine, Engine, EngineContext, EngineMedia, Outgoing, Pieces } from "../contract/engine.ts";
import type { EngineSpec } from "../registry/registry.ts";
import type { PhoneControl } from "../simulator/simulated-phones.ts";
import { type HostEnd, type Hosting, HostProcess } from "./host-process.ts";
import { type Offered, takeOffered } from "./offered-files.ts";
import { type EngineMethod, monotonicMs } from "./protocol.ts";
import { passing } from "./sent-files.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

type Answer<Method extends EngineMethod> = Awaited<ReturnType<Engine[Method]>>;

/** Engines that live in a process of their own each, one per start. `onStart` meets each before it runs. */
export const createRemote =
  (hosted: EngineSpec, hosting: Hosting, onStart?: (engine: RemoteEngine, sessionId: string) => void): CreateEngine =>
  (context) =>
    new RemoteEngine(hosted, hosting, context, onStart);

/** The near side of an engine in another process: whatever happens there is one session's problem. */
export class RemoteEngine implements Engine {
  private host: HostProcess | undefined;
  private stopping: Promise<void> | undefined;
  private isOver = false;

  constructor(
    private readonly hosted: EngineSpec,
    private readonly hosting: Hosting,
    private readonly context: EngineContext,
    private readonly onStart?: (engine: RemoteEngine, sessionId: string) => void,
  ) {}

  get memoryBytes(): number | undefined {
    return this.host?.memoryBytes;
  }

  async start(): Promise<void> {
    if (this.stopping) return;
    const { companyId, sessionId, profileDirectory, lease, listener, log } = this.context;
    this.onStart?.(this, sessionId);
    const host = new HostProcess(this.hosting, listener, TemporaryFolder.make(sessionId));
    this.host = host;
    log.info({ pid: host.pid }, "engine's process started");
    const deadlineMs = () => monotonicMs() + (lease?.remainingMs ?? Number.POSITIVE_INFINITY);
    host.tell({
      kind: "begin",
      engine: this.hosted,
      ...{ companyId, sessionId, profileDirectory, generation: lease?.generation },
      logLevel: log.level,
      deadlineMs: deadlineMs(),
    });
    const unwatch = lease?.onChange(() => host.tell({ kind: "deadline", deadlineMs: deadlineMs() }));
    const gone = host.gone.then((end) => {
      unwatch?.();
      this.ended(end);
    });
    try {
      await host.ask({ kind: "call", method: "start", args: [] });
    } catch (err) {
      if (host.hasEnded) await gone; // why it ended says more than what was asked of it
      throw err;
    }
  }
  async send(order: Outgoing): Promise<void> {
    const host = this.running();
    await passing(order, host.files, (passed) => host.ask({ kind: "call", method: "send", args: [passed] }));
  }
  async find(order: Outgoing): Promise<Answer<"find">> {
    const host = this.running();
    const ask = (passed: unknown) => host.ask({ kind: "call", method: "find", args: [passed] });
    return (await passing(order, host.files, ask)) as Answer<"find">;
  }
  async setTyping(waChatId: string, state: TypingState): Promise<void> {
    await this.call("setTyping", waChatId, state);
  }
  async markRead(waChatId: string): Promise<void> {
    await this.call("markRead", waChatId);
  }
  async fetchSince(timestampMs: number, changesFromMs: number): Promise<void> {
    await this.call("fetchSince", timestampMs, changesFromMs);
  }
  fetchProfilePicture(number: string): Promise<Uint8Array | null> {
    return this.call("fetchProfilePicture", number);
  }
  async *downloadMedia(media: EngineMedia, limitBytes: number): Pieces {
    const host = this.running();
    const args = [media, limitBytes];
    yield* takeOffered(async () => (await host.ask({ kind: "call", method: "downloadMedia", args })) as Offered, {
      pull: async (file) => (await host.ask({ kind: "pull", file })) as Uint8Array | null,
      drop: (file) => host.tell({ kind: "drop", file }),
    });
  }
  async pairByPhone(phoneNumber: string): Promise<void> {
    await this.call("pairByPhone", phoneNumber);
  }
  async logOut(): Promise<void> {
    await this.call("logOut");
  }
  /** Resolves once no process of it runs any more, whatever it takes. */
  stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }
  /** Of the simulator: orders its phone about. */
  order(method: keyof PhoneControl, args: unknown[]): Promise<unknown> {
    return this.running().ask({ kind: "phone", method, args });
  }

  private async call<Method extends EngineMethod>(
    method: Method,
    ...args: Parameters<Engine[Method]>
  ): Promise<Answer<Method>> {
    return (await this.running().ask({ kind: "call", method, args })) as Answer<Method>;
  }

  private running(): HostProcess {
    if (!this.host) throw new Error("the engine does not run");
    return this.host;
  }

  private async end(): Promise<void> {
    const { host } = this;
    if (!host) return;
    const asked = host.ask({ kind: "call", method: "stop", args: [] }).catch((err: unknown) => {
      this.context.log.debug({ err }, "the engine's process did not stop in order");
    });
    await Promise.race([asked, delay(this.hosting.times.graceMs, undefined, { ref: false })]);
    host.kill({ reason: "engine_ended", how: "stopped" });
    await host.gone;
  }

  private ended({ reason, how }: HostEnd): void {
    if (this.isOver || this.stopping) return;
    this.isOver = true;
    this.context.log.warn({ reason, how }, "the engine's process ended");
    this.context.listener.state("failed", { reason });
  }
}
