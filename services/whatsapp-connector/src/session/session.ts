import type { Chat, SessionDetail, SessionReason, TypingState } from "@syszap/contracts";
import type { SessionHealth } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { withTimeout } from "@syszap/platform/async";
import { type Engine, type EngineFact, SendError } from "../engines/contract/engine.ts";
import { Inbound } from "../inbound/inbound.ts";
import { UnknownPayloads } from "../inbound/unknown-payloads.ts";
import type { Lease } from "../lease.ts";
import { Outbound } from "../outbound/outbound.ts";
import { ArchiveSchedule, type SessionProfile } from "../profiles/index.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { createEngineOwner } from "./engine-owner.ts";
import { type EngineOwner, EngineRunner } from "./engine-runner.ts";
import { GapRecovery } from "./gap/gap-recovery.ts";
import { Linking } from "./linking.ts";
import { SessionSettings } from "./session-settings.ts";
import { needsUser, SessionStatus } from "./status.ts";
import { Typing } from "./typing.ts";

/** Runs one linked phone under one lease, from the claim until the session ends or is stopped. */
export class Session {
  private readonly status: SessionStatus;
  private readonly linking: Linking;
  private readonly typing: Typing;
  private readonly inbound: Inbound;
  private readonly unknown: UnknownPayloads;
  private readonly gap: GapRecovery;
  private readonly outbound: Outbound;
  private readonly profile: SessionProfile;
  private readonly archiving: ArchiveSchedule;
  private readonly settings: SessionSettings;
  private readonly log: Logger;
  private runner: EngineRunner | undefined;
  /** Set when the session begins to end. */
  ending: Promise<void> | undefined;
  private isEngineGone = true;
  private lastEventAt: Date | null = null;

  constructor(
    readonly lease: Lease,
    private readonly dependencies: SessionDependencies,
    /** Called once when the session has ended, for any reason. `stop` waits for it. */
    private readonly onEnded: (session: Session, isEngineGone: boolean) => Promise<void>,
  ) {
    const { database, publisher, times } = dependencies;
    const log = dependencies.log.child({ sessionId: lease.sessionId, generation: lease.generation });
    const engine = () => this.engine;
    this.log = log;
    this.status = new SessionStatus(lease, database, log);
    this.typing = new Typing(lease, { database, publisher, log, endsAfterMs: times.typingEndsAfterMs });
    this.linking = new Linking(lease, {
      ...{ database, publisher, log, times },
      engine: () => this.runner?.engine,
      onExpired: (detail, reason) => void this.end(detail, reason),
      onRefused: () => {
        if (this.detail === "qr") this.status.record({ detail: "qr", reason: "pairing_refused" });
      },
    });
    const { overlapMs, recovery: retry } = times;
    const { spool } = dependencies.inbound.forwarder;
    const groupsSince = () => this.settings.groupsSince;
    const inbound = { ...dependencies.inbound, log, groupsSince };
    this.inbound = new Inbound(lease, engine, inbound, (sinceMs) => this.gap.missed(sinceMs));
    const store = (fact: EngineFact) => this.inbound.acceptRecovered(fact);
    this.gap = new GapRecovery(lease, { database, spool, engine, store, groupsSince, overlapMs, retry, log });
    this.unknown = new UnknownPayloads(lease, { database, metrics: dependencies.inbound.metrics, log });
    this.outbound = new Outbound(lease, engine, { ...dependencies.outbound, log });
    this.settings = new SessionSettings(lease, {
      ...{ database, log, proxySecrets: dependencies.proxySecrets },
      proxyChanged: () => this.proxyChanged(),
      groupsChanged: () => this.runner?.use(this.settings.ofEngine),
      missed: (sinceMs) => this.gap.missed(sinceMs),
      end: (detail, reason) => this.end(detail, reason),
    });
    this.profile = dependencies.profiles.of(lease, log);
    this.archiving = new ArchiveSchedule(this.profile, dependencies.archiveSchedule, {
      engine: () => (this.detail === "connected" && !this.ending ? this.runner?.engine : undefined),
      lastEventAt: () => this.lastEventAt,
      pauseFor: (work) => this.restartEngine("profile_archiving", work),
    });
  }

  get detail(): SessionDetail {
    return this.status.detail;
  }

  get factsInProgress(): number {
    return this.inbound.inProgress;
  }

  get health(): SessionHealth {
    return {
      restarts: this.runner?.restarts ?? 0,
      memoryBytes: this.runner?.engine?.memoryBytes ?? null,
      lastEventAt: this.lastEventAt,
    };
  }

  /** Resolves when the engine runs or its first start failed. Later failures are handled by the session. */
  async start(): Promise<void> {
    const { companyId, sessionId, engine: name } = this.lease;
    const create = this.dependencies.engines[name];
    if (!create) {
      this.log.error({ engine: name }, "this connector does not support the session's engine");
      return this.end("failed", "engine_unknown");
    }
    this.status.record({ detail: "starting" });
    const fault = await this.dependencies.profileDirectories.faultOf(sessionId);
    if (fault !== undefined) return this.end("failed", fault);
    if (!(await this.prepareProfile())) return;
    await this.settings.load();
    if (this.ending) return;
    this.archiving.start();
    const profileDirectory = this.profile.directory;
    const { lease, log, settings } = this;
    this.runner = new EngineRunner(
      create,
      { companyId, sessionId, profileDirectory, lease, log, ...settings.ofEngine },
      this.engineOwner(),
      this.dependencies.times,
    );
    await this.runner.start();
  }

  /**
   * Returns false when the session has ended, also because its archived profile cannot be fetched now; the next owner tries
   * again.
   */
  private async prepareProfile(): Promise<boolean> {
    try {
      const refusal = await this.profile.prepare();
      if (refusal !== undefined) this.status.record({ detail: "starting", reason: "profile_refused" });
    } catch (err) {
      this.log.warn({ err }, "could not prepare the profile");
      await this.end("reconnecting", "profile_unreachable");
    }
    return this.ending === undefined;
  }

  /** A user changed a setting of the session. */
  async settingsChanged(): Promise<void> {
    if (!this.ending && this.runner) await this.settings.apply();
  }

  /** A renewal of the lease reported this version of the settings. */
  async settingsVersion(version: number): Promise<void> {
    if (!this.ending && this.runner) await this.settings.renewed(version);
  }

  private async proxyChanged(): Promise<void> {
    if (this.ending || !this.runner) return;
    this.runner.use(this.settings.ofEngine);
    await this.restartEngine("line_resuming");
  }

  /** `between` runs while no engine runs. */
  private async restartEngine(reason: SessionReason, between?: () => Promise<unknown>): Promise<void> {
    this.changed("reconnecting", { reason });
    await this.outbound.pause().catch((err: unknown) => this.log.warn({ err }, "could not pause outbound messages"));
    await this.runner?.replace(between);
  }

  /**
   * Stops the session. `stopped`: it should not run any more. `handedOver`: another connector will run it. `lost`: another connector
   * may run it already.
   */
  async stop(why: "stopped" | "handedOver" | "lost"): Promise<void> {
    if (why === "lost") this.lease.end();
    if (why === "stopped") return this.end("stopped");
    return this.end("reconnecting", "connector_restarting");
  }

  /** Resolves when every engine of the session has ended, also after a stop that did not wait for them. */
  async gone(): Promise<void> {
    await this.runner?.gone();
  }

  /** A user requests new codes, or tries again after an action that WhatsApp required. */
  async newQr(): Promise<void> {
    if ((this.detail !== "qr" && this.detail !== "action_required") || this.ending) return;
    this.linking.startOver();
    await this.runner?.replace();
  }

  /** A user entered the number of the phone to link. */
  async pairByPhone(): Promise<void> {
    if (this.detail !== "qr" || this.ending) return;
    this.status.record({ detail: "qr" }); // clears the reason that belongs to an earlier number
    await this.linking.offer();
  }

  /** Unlinks the phone and ends the session; a user must connect it again. */
  async logOut(): Promise<void> {
    if (this.ending) return;
    await this.linking.unlink();
    await this.end("logged_out", "logged_out");
  }

  /** Messages were queued for this session. Ignored until it is connected: connecting reads the queue anyway. */
  sendQueued(): void {
    this.outbound.sendQueued();
  }

  async markRead(chat: Chat): Promise<void> {
    if (this.lease.mayAct && this.detail === "connected") await this.engine.markRead(chat.waChatId);
  }

  async agentTypes(chat: Chat, typing: { state: TypingState; userId: string }): Promise<void> {
    await this.typing.fromAgent(this.detail === "connected" ? this.runner?.engine : undefined, chat, typing);
  }

  private get engine(): Engine {
    const engine = this.runner?.engine;
    if (!engine) throw new SendError("the engine does not run", "transient");
    return engine;
  }

  private engineOwner(): EngineOwner {
    const { linking, inbound, unknown, typing, gap, log } = this;
    return createEngineOwner({
      ...{ linking, inbound, unknown, typing, gap, log },
      isEnding: () => this.ending !== undefined,
      mayAct: () => this.lease.mayAct,
      onEvent: () => {
        this.lastEventAt = new Date();
      },
      changed: (detail, more) => this.changed(detail, more),
      failing: (reason) => {
        this.dependencies.inbound.metrics.restarts.inc();
        this.changed("reconnecting", { reason });
      },
      gaveUp: (reason) => void this.end("failed", reason),
    });
  }

  private changed(detail: SessionDetail, more: { reason?: SessionReason; phoneNumber?: string }): void {
    this.profile.onEngineState(detail);
    if (detail === "logged_out" || detail === "qr_expired") {
      void this.end(detail, more.reason);
      return;
    }
    const onSettled = (outcome: string) => {
      if (outcome === "number_in_use") void this.end("failed", "number_in_use");
      else if (!this.ending) void this.connected();
    };
    if (more.phoneNumber !== undefined) this.inbound.linked(more.phoneNumber);
    this.status.record({ detail, ...more, ...(detail === "connected" && { onSettled }) });
    if (detail === "qr")
      this.linking.offer().catch((err: unknown) => this.log.warn({ err }, "could not look up the pairing number"));
    else if (more.reason === "passkey_required") this.linking.passkeyRequired();
    else this.linking.hide();
    if (detail === "connected") return;
    this.gap.disconnected();
    this.inbound.beginGap();
    this.outbound.pause().catch((err: unknown) => this.log.warn({ err }, "could not pause outbound messages"));
  }

  /** Called when it is certain that the phone belongs to this session. Facts are forwarded and messages sent only from now on. */
  private async connected(): Promise<void> {
    this.linking.settle();
    const opened = this.inbound.isOpen || (await this.gap.open());
    if (!opened || this.ending) return;
    if (opened !== true) this.inbound.open(opened.linkedAt);
    this.unknown.open();
    if (this.detail !== "connected") return;
    this.outbound.start();
    this.gap.connected();
  }

  /** The single way to end the session. Later calls return the first one's promise. */
  private end(detail: SessionDetail, reason?: SessionReason): Promise<void> {
    this.ending ??= this.finish(detail, reason)
      .catch((err: unknown) => this.log.error({ err }, "the session failed to end in order"))
      .then(() => this.onEnded(this, this.isEngineGone));
    return this.ending;
  }

  private async finish(detail: SessionDetail, reason: SessionReason | undefined): Promise<void> {
    const { graceMs } = this.dependencies.times;
    this.linking.hide();
    this.typing.close();
    this.archiving.stop();
    await withTimeout(this.outbound.pause(), { timeoutMs: graceMs, error: "waiting for the message being sent" }).catch(
      (err: unknown) => {
        this.log.warn({ err }, "a message was still being sent when the session ended");
      },
    );
    const isUnlinked = detail === "logged_out" || (reason === "number_in_use" && (await this.linking.unlinkNew()));
    this.isEngineGone = (await this.runner?.stop()) ?? true;
    const { isEngineGone } = this;
    this.gap.close();
    this.inbound.close();
    await this.profile.close({ detail, isEngineGone });
    if (!this.lease.mayAct) return this.status.close();
    if (isUnlinked && isEngineGone) await this.dependencies.profileDirectories.wipeLoggedOut(this.lease);
    await this.status.finish(
      { detail, reason },
      async (unit) => {
        if (needsUser.includes(detail)) await unit.sessions.setDesiredState(this.lease.sessionId, "stopped");
      },
      graceMs,
    );
  }
}
