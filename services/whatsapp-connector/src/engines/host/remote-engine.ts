import { setTimeout as delay } from "node:timers/promises";
import type { TypingState } from "@syszap/contracts";
import type {
  CreateEngine,
  Engine,
  EngineContext,
  EngineMedia,
  HistoryPage,
  HistoryRequest,
  ListedChat,
  Outgoing,
  Pieces,
} from "../contract/engine.ts";
import { type EngineSpec, engineDefinitions } from "../registry/registry.ts";
import { type HostEnd, type Hosting, HostProcess } from "./host-process.ts";
import { type Offered, receiveOffered } from "./offered-files.ts";
import { type EngineMethod, monotonicMs } from "./protocol.ts";
import { passOutgoing } from "./sent-files.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

type Result<Method extends EngineMethod> = Awaited<ReturnType<Engine[Method]>>;

/** Creates engines that run in a separate process, one process per start. */
export const createRemote =
  (spec: EngineSpec, hosting: Hosting): CreateEngine =>
  (context) =>
    new RemoteEngine(spec, hosting, context);

/** Forwards all calls to an engine in another process, so that a fault of the engine affects one session only. */
export class RemoteEngine implements Engine {
  private host: HostProcess | undefined;
  private stopping: Promise<void> | undefined;
  private hasEnded = false;

  constructor(
    private readonly spec: EngineSpec,
    private readonly hosting: Hosting,
    private readonly context: EngineContext,
  ) {}

  get memoryBytes(): number | undefined {
    return this.host?.memoryBytes;
  }

  async start(): Promise<void> {
    if (this.stopping) return;
    const { companyId, sessionId, profileDirectory, proxy, groups = false, lease, listener, log } = this.context;
    const host = new HostProcess(this.hosting, listener, TemporaryFolder.make(sessionId));
    this.host = host;
    log.info({ pid: host.pid }, "engine process started");
    const deadlineMs = () => monotonicMs() + (lease?.remainingMs ?? Number.POSITIVE_INFINITY);
    host.send({
      kind: "begin",
      engine: this.spec,
      companyId,
      sessionId,
      profileDirectory,
      proxy,
      groups,
      generation: lease?.generation,
      logLevel: log.level,
      deadlineMs: deadlineMs(),
    });
    const removeControl = this.addControl();
    const unsubscribe = lease?.onChange(() => host.send({ kind: "deadline", deadlineMs: deadlineMs() }));
    const gone = host.gone.then((end) => {
      removeControl?.();
      unsubscribe?.();
      this.onHostEnd(end);
    });
    try {
      await host.request({ kind: "call", method: "start", args: [] });
    } catch (err) {
      if (host.hasEnded) await gone; // the listener receives the reason before the caller receives this error
      throw err;
    }
  }

  async send(outgoing: Outgoing): Promise<void> {
    const host = this.runningHost();
    await passOutgoing(outgoing, host.files, (passed) =>
      host.request({ kind: "call", method: "send", args: [passed] }),
    );
  }

  async find(outgoing: Outgoing): Promise<Result<"find">> {
    const host = this.runningHost();
    const find = (passed: unknown) => host.request({ kind: "call", method: "find", args: [passed] });
    return (await passOutgoing(outgoing, host.files, find)) as Result<"find">;
  }

  async setTyping(waChatId: string, state: TypingState): Promise<void> {
    await this.call("setTyping", waChatId, state);
  }

  async markRead(waChatId: string): Promise<void> {
    await this.call("markRead", waChatId);
  }

  async includeGroups(isIncluded: boolean): Promise<void> {
    await this.call("includeGroups", isIncluded);
  }

  listChats(): Promise<ListedChat[]> {
    return this.call("listChats");
  }

  readHistory(request: HistoryRequest): Promise<HistoryPage> {
    return this.call("readHistory", request);
  }

  fetchProfilePicture(number: string): Promise<Uint8Array | null> {
    return this.call("fetchProfilePicture", number);
  }

  async *downloadMedia(media: EngineMedia, limitBytes: number): Pieces {
    const host = this.runningHost();
    const args = [media, limitBytes];
    const offer = async () => (await host.request({ kind: "call", method: "downloadMedia", args })) as Offered;
    yield* receiveOffered(offer, {
      pull: async (file) => (await host.request({ kind: "pull", file })) as Uint8Array | null,
      drop: (file) => host.send({ kind: "drop", file }),
    });
  }

  async pairByPhone(phoneNumber: string): Promise<void> {
    await this.call("pairByPhone", phoneNumber);
  }

  async logOut(): Promise<void> {
    await this.call("logOut");
  }

  /** Resolves when none of the engine's processes runs any more; kills them after the grace period. */
  stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  private addControl(): (() => void) | undefined {
    const { controls, sessionId } = this.context;
    const methods = engineDefinitions[this.spec.name].controlMethods;
    if (!controls || !methods) return undefined;
    const remoteMethods = methods.map((method) => [
      method,
      (...args: unknown[]) => this.runningHost().request({ kind: "control", method, args }),
    ]);
    return controls.add(sessionId, Object.fromEntries(remoteMethods));
  }

  private async call<Method extends EngineMethod>(
    method: Method,
    ...args: Parameters<Engine[Method]>
  ): Promise<Result<Method>> {
    return (await this.runningHost().request({ kind: "call", method, args })) as Result<Method>;
  }

  private runningHost(): HostProcess {
    if (!this.host) throw new Error("the engine does not run");
    return this.host;
  }

  private async end(): Promise<void> {
    const { host } = this;
    if (!host) return;
    const stopped = host.request({ kind: "call", method: "stop", args: [] }).catch((err: unknown) => {
      this.context.log.debug({ err }, "engine process did not stop normally");
    });
    await Promise.race([stopped, delay(this.hosting.times.graceMs, undefined, { ref: false })]);
    host.kill({ reason: "engine_ended", cause: "stopped" });
    await host.gone;
  }

  private onHostEnd({ reason, cause }: HostEnd): void {
    if (this.hasEnded || this.stopping) return;
    this.hasEnded = true;
    this.context.log.warn({ reason, cause }, "engine process ended unexpectedly");
    this.context.listener.state("failed", { reason });
  }
}
