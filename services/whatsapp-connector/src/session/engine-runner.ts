import type { SessionDetail, SessionReason } from "@syszap/contracts";
import { type Backoff, backoffDelay, withTimeout } from "@syszap/platform/async";
import type { CreateEngine, Engine, EngineContext, EngineListener } from "../engines/contract/engine.ts";

export interface RestartTimes {
  restart: Backoff;
  maxRestarts: number;
  /** Connected for so long, an engine has proven itself: earlier failures no longer count. */
  stableAfterMs: number;
  /** An engine that takes longer to stop may still hold the phone's profile: no other is started beside it. */
  engineStopMs: number;
}

/** Hears what the engine that runs now says; an engine that was replaced is heard no more, save for its facts. */
export interface EngineOwner
  extends Pick<EngineListener, "qr" | "pairingCode" | "pairingRefused" | "fact" | "unknownPayload" | "typing"> {
  state(
    detail: Exclude<SessionDetail, "failed" | "stopped">,
    more: { reason?: SessionReason; phoneNumber?: string },
  ): void;
  /** The engine broke; another start follows. */
  failing(reason: SessionReason): void;
  /** It broke too often; nothing follows. */
  gaveUp(reason: SessionReason): void;
}

interface Run {
  engine: Engine | undefined;
  connectedAtMs: number | undefined;
  hasFailed: boolean;
}

/** Keeps one engine running: starts it again when it breaks, with growing delays and a bound. */
export class EngineRunner {
  private run: Run | undefined;
  private failures = 0;
  private failuresEver = 0;
  private timer: NodeJS.Timeout | undefined;
  private replacing: Promise<void> | undefined;
  private isStopped = false;
  private readonly unended = new Set<Promise<void>>();

  constructor(
    private readonly create: CreateEngine,
    private readonly context: Omit<EngineContext, "listener">,
    private readonly owner: EngineOwner,
    private readonly times: RestartTimes,
  ) {}

  /** How often the engine broke and was started again. */
  get restarts(): number {
    return this.failuresEver;
  }

  /** Undefined between two runs. */
  get engine(): Engine | undefined {
    return this.run?.engine;
  }

  /** Resolves when the engine runs, or when the first try failed. */
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

  /** Stops the engine and starts a fresh one; `between`, never rejecting, runs while there is none. */
  replace(between?: () => Promise<unknown>): Promise<void> {
    clearTimeout(this.timer);
    this.replacing ??= this.startAfresh(between).finally(() => {
      this.replacing = undefined;
    });
    return this.replacing;
  }

  /** For good. False when the engine does not end in time: then `gone` says when it did. Never rejects. */
  async stop(): Promise<boolean> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await Promise.all([this.stopCurrent(), this.replacing]);
    return this.unended.size === 0;
  }

  /** Resolves when no engine of ours is left. */
  async gone(): Promise<void> {
    await Promise.all(this.unended);
  }

  private async startAfresh(between?: () => Promise<unknown>): Promise<void> {
    await this.stopCurrent();
    if (this.unended.size === 0) {
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
      this.context.log.error({ err }, "engine does not end");
    }
  }

  private end(engine: Engine): void {
    const ending: Promise<void> = engine
      .stop()
      .catch((err: unknown) => this.context.log.error({ err }, "engine not stopped in order"))
      .finally(() => this.unended.delete(ending));
    this.unended.add(ending);
  }

  private listenerOf(run: Run): EngineListener {
    const isHeard = () => this.run === run && !run.hasFailed;
    return {
      qr: (qr) => {
        if (isHeard()) this.owner.qr(qr);
      },
      pairingCode: (code) => {
        if (isHeard()) this.owner.pairingCode(code);
      },
      pairingRefused: () => {
        if (isHeard()) this.owner.pairingRefused();
      },
      state: (detail, more = {}) => {
        if (!isHeard()) return;
        if (detail === "failed" || detail === "stopped") {
          this.fail(run, more.reason ?? "engine_ended");
          return;
        }
        if (detail === "connected") run.connectedAtMs ??= performance.now();
        this.owner.state(detail, more);
      },
      fact: (fact) => this.owner.fact(fact),
      unknownPayload: (payload) => this.owner.unknownPayload(payload),
      typing: (typing) => {
        if (isHeard()) this.owner.typing(typing);
      },
    };
  }

  private fail(run: Run, reason: SessionReason): void {
    if (run.hasFailed) return;
    run.hasFailed = true;
    const isProven =
      run.connectedAtMs !== undefined && performance.now() - run.connectedAtMs > this.times.stableAfterMs;
    this.failures = isProven ? 1 : this.failures + 1;
    if (this.failures > this.times.maxRestarts) {
      this.owner.gaveUp(reason);
      return;
    }
    this.failuresEver += 1;
    this.owner.failing(reason);
    this.timer = setTimeout(() => void this.replace(), backoffDelay(this.failures, this.times.restart));
  }
}
