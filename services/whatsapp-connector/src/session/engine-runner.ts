import type { SessionDetail, SessionReason } from "@syszap/contracts";
import { type Backoff, backoffDelay, withTimeout } from "@syszap/platform/async";
import type { CreateEngine, Engine, EngineContext, EngineListener } from "../engines/contract/engine.ts";

export interface RestartTimes {
  restart: Backoff;
  maxRestarts: number;
  /** After this time in state connected, earlier failures no longer count. */
  stableAfterMs: number;
  /** An engine that takes longer to stop may still use the phone's profile, so no other engine is started. */
  engineStopMs: number;
}

/** Receives the events of the running engine. Of an engine that was replaced, only facts and unknown payloads are passed on. */
export interface EngineOwner
  extends Pick<
    EngineListener,
    "qr" | "pairingCode" | "pairingRefused" | "fact" | "unknownPayload" | "missed" | "typing"
  > {
  state(
    detail: Exclude<SessionDetail, "failed" | "stopped">,
    more: { reason?: SessionReason; phoneNumber?: string },
  ): void;
  /** The engine failed; it will be started again. */
  failing(reason: SessionReason): void;
  /** The engine failed too often; it is not started again. */
  gaveUp(reason: SessionReason): void;
}

interface Run {
  engine: Engine | undefined;
  connectedAtMs: number | undefined;
  hasFailed: boolean;
}

/** Keeps one engine running: restarts it after a failure, with backoff and a limit. */
export class EngineRunner {
  private run: Run | undefined;
  private failures = 0;
  private restartCount = 0;
  private timer: NodeJS.Timeout | undefined;
  private replacing: Promise<void> | undefined;
  private isStopped = false;
  /** Engines whose `stop` has not finished. */
  private readonly stopping = new Set<Promise<void>>();

  constructor(
    private readonly create: CreateEngine,
    private context: Omit<EngineContext, "listener">,
    private readonly owner: EngineOwner,
    private readonly times: RestartTimes,
  ) {}

  /** Number of restarts after failures. */
  get restarts(): number {
    return this.restartCount;
  }

  /** Undefined while no engine runs. */
  get engine(): Engine | undefined {
    return this.run?.engine;
  }

  /** The proxy applies to engines that are started from now on, the setting of groups also to the running one. */
  use(settings: { proxy: EngineContext["proxy"]; groups: boolean }): void {
    const isSwitched = settings.groups !== (this.context.groups ?? false);
    this.context = { ...this.context, ...settings };
    if (!isSwitched) return;
    this.engine
      ?.includeGroups(settings.groups)
      .catch((err: unknown) => this.context.log.warn({ err }, "the engine did not receive the setting of groups"));
  }

  /** Resolves when the engine runs or its first start failed. */
  async start(): Promise<void> {
    if (this.isStopped) return;
    const run: Run = { engine: undefined, connectedAtMs: undefined, hasFailed: false };
    this.run = run;
    try {
      run.engine = this.create({ ...this.context, listener: this.listenerOf(run) });
      await run.engine.start();
    } catch (err) {
      if (this.run !== run) return;
      this.context.log.warn({ err }, "engine did not start");
      this.fail(run, "engine_not_started");
    }
  }

  /** Stops the engine and starts a new one. `between` runs while there is none; it must not reject. */
  replace(between?: () => Promise<unknown>): Promise<void> {
    clearTimeout(this.timer);
    this.replacing ??= this.stopAndStart(between).finally(() => {
      this.replacing = undefined;
    });
    return this.replacing;
  }

  /** Stops permanently. Returns false when the engine does not end in time; `gone` then resolves when it has. Never rejects. */
  async stop(): Promise<boolean> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await Promise.all([this.stopCurrent(), this.replacing]);
    return this.stopping.size === 0;
  }

  /** Resolves when every engine of this runner has ended. */
  async gone(): Promise<void> {
    await Promise.all(this.stopping);
  }

  private async stopAndStart(between?: () => Promise<unknown>): Promise<void> {
    await this.stopCurrent();
    if (this.stopping.size === 0) {
      await between?.();
      return this.start();
    }
    this.owner.gaveUp("engine_stuck");
  }

  private async stopCurrent(): Promise<void> {
    const engine = this.run?.engine;
    this.run = undefined;
    if (engine) this.end(engine);
    try {
      await withTimeout(this.gone(), { timeoutMs: this.times.engineStopMs, error: "stopping the engine" });
    } catch (err) {
      this.context.log.error({ err }, "the engine did not stop in time");
    }
  }

  private end(engine: Engine): void {
    const ending: Promise<void> = engine
      .stop()
      .catch((err: unknown) => this.context.log.error({ err }, "the engine failed to stop"))
      .finally(() => this.stopping.delete(ending));
    this.stopping.add(ending);
  }

  private listenerOf(run: Run): EngineListener {
    const isCurrent = () => this.run === run && !run.hasFailed;
    return {
      qr: (qr) => {
        if (isCurrent()) this.owner.qr(qr);
      },
      pairingCode: (code) => {
        if (isCurrent()) this.owner.pairingCode(code);
      },
      pairingRefused: () => {
        if (isCurrent()) this.owner.pairingRefused();
      },
      state: (detail, more = {}) => {
        if (!isCurrent()) return;
        if (detail === "failed" || detail === "stopped") {
          this.fail(run, more.reason ?? "engine_ended");
          return;
        }
        if (detail === "connected") run.connectedAtMs ??= performance.now();
        this.owner.state(detail, more);
      },
      fact: (fact) => this.owner.fact(fact),
      unknownPayload: (payload) => this.owner.unknownPayload(payload),
      missed: (sinceMs) => {
        if (isCurrent()) this.owner.missed(sinceMs);
      },
      typing: (typing) => {
        if (isCurrent()) this.owner.typing(typing);
      },
    };
  }

  private fail(run: Run, reason: SessionReason): void {
    if (run.hasFailed) return;
    run.hasFailed = true;
    const wasStable =
      run.connectedAtMs !== undefined && performance.now() - run.connectedAtMs > this.times.stableAfterMs;
    this.failures = wasStable ? 1 : this.failures + 1;
    if (this.failures > this.times.maxRestarts) {
      this.owner.gaveUp(reason);
      return;
    }
    this.restartCount += 1;
    this.owner.failing(reason);
    this.timer = setTimeout(() => void this.replace(), backoffDelay(this.failures, this.times.restart));
  }
}
