import type { Chat, SessionDetail, SessionReason, TypingState } from "@syszap/contracts";
import type { Database, SessionHealth } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import { withTimeout } from "@syszap/platform/async";
import { type Engine, type EngineRegistry, SendError } from "../engines/contract/engine.ts";
import { Inbound, type InboundDependencies } from "../inbound/inbound.ts";
import { UnknownPayloads } from "../inbound/unknown-payloads.ts";
import type { Lease } from "../lease.ts";
import { Outbound, type OutboundDependencies } from "../outbound/outbound.ts";
import {
  ArchiveSchedule,
  type PauseTurn,
  type Profiles,
  type ScheduleOptions,
  type SessionProfile,
} from "../profiles/index.ts";
import { type EngineOwner, EngineRunner } from "./engine-runner.ts";
import { GapRecovery } from "./gap-recovery.ts";
import { Linking } from "./linking.ts";
import type { ProfileDirectories } from "./profile-directories.ts";
import { SessionStatus } from "./status.ts";
import type { SessionTimes } from "./times.ts";
import { Typing } from "./typing.ts";

export interface SessionDependencies {
  engines: EngineRegistry;
  profiles: Profiles;
  profileDirectories: ProfileDirectories;
  archiveSchedule: ScheduleOptions & { turn: PauseTurn };
  database: Database;
  publisher: Publisher;
  inbound: Omit<InboundDependencies, "log">;
  outbound: Omit<OutboundDependencies, "log">;
  times: SessionTimes;
  log: Logger;
}

/** Ends after which only a person can say that the session should run again. */
const rests: readonly SessionDetail[] = ["qr_expired", "logged_out", "failed"];

/** Runs one linked phone under one lease, from the claim until it ends or is stopped. */
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
  private readonly log: Logger;
  private runner: EngineRunner | undefined;
  private ending: Promise<void> | undefined;
  private isEngineGone = true;
  private lastEventAt: Date | null = null;

  constructor(
    readonly lease: Lease,
    private readonly given: SessionDependencies,
    /** Called once, when it ended by itself or was stopped; part of the end: `stop` waits for it. */
    private readonly onEnded: (session: Session, isEngineGone: boolean) => Promise<void>,
  ) {
    const { database, publisher, times } = given;
    const log = given.log.child({ sessionId: lease.sessionId, generation: lease.generation });
    const engine = () => this.engine;
    this.log = log;
    this.status = new SessionStatus(lease, database, log);
    this.typing = new Typing(lease, { database, publisher, log, endsAfterMs: times.typingEndsAfterMs });
    this.linking = new Linking(lease, {
      ...{ database, publisher, log, times },
      engine: () => this.runner?.engine,
      onExpired: (reason) => void this.end("qr_expired", reason),
      onRefused: () => {
        if (this.detail === "qr") this.status.record({ detail: "qr", reason: "pairing_refused" });
      },
    });
    const { overlapMs, recovery: retry } = times;
    const { handOver } = given.inbound;
    this.gap = new GapRecovery(lease, { database, handOver, engine, overlapMs, retry, log });
    this.inbound = new Inbound(lease, engine, { ...given.inbound, log }, (sinceMs) => this.gap.missed(sinceMs));
    this.unknown = new UnknownPayloads(lease, { database, metrics: given.inbound.metrics, log });
    this.outbound = new Outbound(lease, engine, { ...given.outbound, log });
    this.profile = given.profiles.of(lease, log);
    this.archiving = new ArchiveSchedule(this.profile, given.archiveSchedule, {
      engine: () => (this.detail === "connected" && !this.ending ? this.runner?.engine : undefined),
      lastEventAt: () => this.lastEventAt,
      pauseFor: async (work) => {
        this.changed("reconnecting", { reason: "profile_archiving" });
        await this.outbound.pause().catch((err: unknown) => this.log.warn({ err }, "outbound not paused"));
        await this.runner?.replace(work);
      },
    });
  }

  get detail(): SessionDetail {
    return this.status.detail;
  }

  get factsUnderWay(): number {
    return this.inbound.underWay;
  }

  get health(): SessionHealth {
    return {
      restarts: this.runner?.restarts ?? 0,
      memoryBytes: this.runner?.engine?.memoryBytes ?? null,
      lastEventAt: this.lastEventAt,
    };
  }

  /** Resolves when the engine runs, or when the first try failed; what follows is the session's own business. */
  async start(): Promise<void> {
    const { companyId, sessionId, engine: name } = this.lease;
    const create = this.given.engines[name];
    if (!create) {
      this.log.error({ engine: name }, "this connector does not run the session's engine");
      return this.end("failed", "engine_unknown");
    }
    this.status.record({ detail: "starting" });
    const fault = await this.given.profileDirectories.faultOf(sessionId);
    if (fault !== undefined) return this.end("failed", fault);
    if (!(await this.prepareProfile())) return;
    this.archiving.start();
    const profileDirectory = this.profile.directory;
    const context = { companyId, sessionId, profileDirectory, lease: this.lease, log: this.log };
    this.runner = new EngineRunner(create, context, this.engineOwner(), this.given.times);
    await this.runner.start();
  }

  /** False: it ended meanwhile, or its archived profile can't be fetched now and whoever claims it next tries again. */
  private async prepareProfile(): Promise<boolean> {
    try {
      const refusal = await this.profile.prepare();
      if (refusal !== undefined) this.status.record({ detail: "starting", reason: "profile_refused" });
    } catch (err) {
      this.log.warn({ err }, "profile not prepared");
      await this.end("reconnecting", "profile_unreachable");
    }
    return this.ending === undefined;
  }

  /** `stopped`: nobody wants it to run. `handedOver`: another connector goes on with it. `lost`: another one already has it. */
  async stop(why: "stopped" | "handedOver" | "lost"): Promise<void> {
    if (why === "lost") this.lease.end();
    if (why === "stopped") return this.end("stopped");
    return this.end("reconnecting", "connector_restarting");
  }

  /** Resolves when no engine of it is left, also after an end that did not wait for that. */
  async gone(): Promise<void> {
    await this.runner?.gone();
  }

  /** A person wants to see codes again. */
  async newQr(): Promise<void> {
    if (this.detail !== "qr" || this.ending) return;
    this.linking.startOver();
    await this.runner?.replace();
  }

  /** A person gave the number of the phone to be linked. */
  async pairByPhone(): Promise<void> {
    if (this.detail !== "qr" || this.ending) return;
    this.status.record({ detail: "qr" }); // what was said of an earlier number is over
    await this.linking.offer();
  }

  /** Unlinks the phone; the session then rests until somebody connects it again. */
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
    const isOver = () => this.ending !== undefined;
    const whileItRuns =
      <Told extends unknown[]>(take: (...told: Told) => void) =>
      (...told: Told) => {
        this.lastEventAt = new Date();
        if (!isOver()) take(...told);
      };
    return {
      qr: whileItRuns((qr) => this.linking.qr(qr)),
      pairingCode: whileItRuns((code) => this.linking.pairingCode(code)),
      pairingRefused: whileItRuns(() => this.linking.pairingRefused()),
      // Also while it ends: what WhatsApp said stays true.
      fact: (fact) => {
        this.lastEventAt = new Date();
        if (this.lease.mayAct) this.inbound.accept(fact);
      },
      unknownPayload: (payload) => this.unknown.accept(payload),
      typing: ({ waChatId, state }) => {
        this.lastEventAt = new Date();
        this.typing.fromClient(waChatId, state).catch((err: unknown) => this.log.debug({ err }, "typing not told"));
      },
      state: whileItRuns((detail, more) => this.changed(detail, more)),
      failing: (reason) => {
        if (isOver()) return;
        this.given.inbound.metrics.restarts.inc();
        this.changed("reconnecting", { reason });
      },
      gaveUp: (reason) => void this.end("failed", reason),
    };
  }

  private changed(detail: SessionDetail, more: { reason?: SessionReason; phoneNumber?: string }): void {
    this.profile.saw(detail);
    if (detail === "logged_out" || detail === "qr_expired") {
      void this.end(detail, more.reason);
      return;
    }
    const onSettled = (outcome: string) => {
      if (outcome === "number_in_use") void this.end("failed", "number_in_use");
      else if (!this.ending) void this.connected();
    };
    this.status.record({ detail, ...more, ...(detail === "connected" && { onSettled }) });
    if (detail === "qr") this.linking.offer().catch((err: unknown) => this.log.warn({ err }, "number not looked up"));
    else this.linking.hide();
    if (detail === "connected") return;
    this.gap.disconnected();
    this.outbound.pause().catch((err: unknown) => this.log.warn({ err }, "outbound not paused"));
  }

  /** Whose phone it is, is settled: nothing was taken from it or sent by it before. */
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

  /** The way out, whatever the reason. */
  private end(detail: SessionDetail, reason?: SessionReason): Promise<void> {
    this.ending ??= this.finish(detail, reason)
      .catch((err: unknown) => this.log.error({ err }, "session did not end in order"))
      .then(() => this.onEnded(this, this.isEngineGone));
    return this.ending;
  }

  private async finish(detail: SessionDetail, reason: SessionReason | undefined): Promise<void> {
    const { graceMs } = this.given.times;
    this.linking.hide();
    this.typing.close();
    this.archiving.stop();
    await withTimeout(this.outbound.pause(), { timeoutMs: graceMs, error: "ending what is being sent" }).catch(
      (err: unknown) => {
        this.log.warn({ err }, "a message was still being sent");
      },
    );
    const isUnlinked = detail === "logged_out" || (reason === "number_in_use" && (await this.linking.unlinkNew()));
    this.isEngineGone = (await this.runner?.stop()) ?? true;
    const { isEngineGone } = this;
    this.gap.close();
    this.inbound.close();
    await this.profile.close({ detail, isEngineGone });
    if (!this.lease.mayAct) return this.status.close();
    if (isUnlinked && isEngineGone) await this.given.profileDirectories.wipeLoggedOut(this.lease);
    await this.status.finish(
      { detail, reason },
      async (unit) => {
        if (rests.includes(detail)) await unit.sessions.setDesiredState(this.lease.sessionId, "stopped");
      },
      graceMs,
    );
  }
}
