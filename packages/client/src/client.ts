import type { DurableType, EventFrame, FrameOf } from "@syszap/contracts";
import { Authority } from "./authority.ts";
import { Backoff } from "./backoff.ts";
import { Listeners } from "./listeners.ts";
import { Place } from "./place.ts";
import { Recordings } from "./recordings.ts";
import { isOnline, watchSurroundings } from "./surroundings.ts";
import { type TicketAnswer, type TicketReason, ticketRefusal } from "./ticket.ts";
import { type ServerFrame, Transport, type TransportEnd } from "./transport.ts";
import type { ConnectionState, DurableFrame, RealtimeClient, RealtimeClientOptions } from "./types.ts";

const ticketWithinMs = 15_000;
const firstPlaceWithinMs = 3_000;
const closedByUs = 1000;
const forbidden = 4403;
const everyDurable = " durable";
const stateChange = " state";

/** One connection for a whole app: made once, connected after signing in. */
export function createRealtimeClient(options: RealtimeClientOptions): RealtimeClient {
  return new Client(options);
}

class Client implements RealtimeClient {
  state: ConnectionState = "idle";
  private readonly options: RealtimeClientOptions;
  private readonly now: () => number;
  private readonly random: () => number;
  private readonly listeners = new Listeners();
  private readonly recordings = new Recordings();
  private readonly backoff: Backoff;
  private place = new Place();
  private who: { companyId: string; userId: string } | undefined;
  /** Counts attempts: what belongs to an older one is ignored. */
  private attempt = 0;
  private ticketAbort: AbortController | undefined;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private resyncTimer: ReturnType<typeof setTimeout> | undefined;
  /** A gateway that leaves said when to come back. */
  private comeBackAtMs: number | undefined;
  private transport: Transport | undefined;
  private authority: Authority | undefined;
  private welcomedAtMs: number | undefined;
  private wasEverWelcomed = false;
  private hasEarlyReads = false;
  private owedResync: string | undefined;
  private unwatch: (() => void) | undefined;

  constructor(options: RealtimeClientOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
    this.random = options.random ?? Math.random;
    this.backoff = new Backoff(this.random);
  }

  connect(companyId: string, userId: string): void {
    const isSame = this.who?.companyId === companyId && this.who.userId === userId;
    if (isSame && !["idle", "signed_out", "stopped"].includes(this.state)) return;
    this.halt("idle");
    if (this.who && !isSame) this.forget();
    this.who = { companyId, userId };
    this.backoff.reset();
    this.unwatch ??= watchSurroundings(
      () => this.onOffline(),
      () => this.onWorthATry(),
    );
    void this.open();
  }

  disconnect(): void {
    this.halt("idle");
    this.unwatch?.();
    this.unwatch = undefined;
  }

  on: RealtimeClient["on"] = (type, listener) => this.listeners.add(type, listener);
  off: RealtimeClient["off"] = (type, listener) => this.listeners.remove(type, listener);
  onDurable: RealtimeClient["onDurable"] = (listener) => this.listeners.add(everyDurable, listener);
  onStateChange: RealtimeClient["onStateChange"] = (listener) => this.listeners.add(stateChange, listener);

  send: RealtimeClient["send"] = (type, data) =>
    this.state === "connected" && (this.transport?.send({ type, data } as never) ?? false);

  snapshot: RealtimeClient["snapshot"] = async (fetch, apply) => {
    const isWaiting = this.who !== undefined && this.state !== "idle";
    if (!isWaiting || !(await this.place.whenKnown(firstPlaceWithinMs))) {
      if (this.place.cursor === undefined) this.hasEarlyReads = true;
    }
    return this.recordings.around(fetch, apply);
  };

  private async open(): Promise<void> {
    const who = this.who;
    if (!who) return;
    this.attempt += 1;
    const attempt = this.attempt;
    clearTimeout(this.retryTimer);
    this.comeBackAtMs = undefined;
    this.showWaiting();
    try {
      const answer = await this.askTicket("connect");
      if (attempt !== this.attempt) return;
      if (this.hasEarlyReads && this.place.cursor === undefined) this.owedResync ??= "read_before_first_place";
      this.place.beginAt(answer.cursor);
      this.transport = new Transport({
        url: this.address(who, answer.ticket),
        webSocket: this.options.webSocket ?? WebSocket,
        onFrame: (frame) => this.onFrame(frame),
        onEnd: (end) => this.onEnd(end),
      });
    } catch (error) {
      if (attempt === this.attempt) this.onNoTicket(error);
    }
  }

  private async askTicket(reason: TicketReason): Promise<TicketAnswer> {
    const abort = new AbortController();
    this.ticketAbort = abort;
    const timer = setTimeout(() => abort.abort(), ticketWithinMs);
    try {
      return await Promise.race([
        this.options.getTicket({ reason, signal: abort.signal }),
        new Promise<never>((_, reject) => {
          abort.signal.addEventListener("abort", () => reject(new Error("No ticket in time")));
        }),
      ]);
    } finally {
      clearTimeout(timer);
    }
  }

  private address(who: { companyId: string; userId: string }, ticket: string): string {
    const url = new URL(this.options.url, globalThis.location?.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("companyId", who.companyId);
    url.searchParams.set("userId", who.userId);
    url.searchParams.set("ticket", ticket);
    if (this.place.cursor !== undefined) url.searchParams.set("since", this.place.cursor);
    return url.href;
  }

  private onNoTicket(error: unknown): void {
    const { status, retryAfterMs } = ticketRefusal(error);
    this.debug("no ticket", { status });
    if (status === 401) this.halt("signed_out");
    else if (status === 403) this.halt("stopped");
    else this.retryIn(retryAfterMs + this.backoff.nextMs());
  }

  private onFrame(frame: ServerFrame): void {
    this.debug("frame", { type: frame.type });
    if (frame.type === "welcome") this.onWelcome(frame.data);
    else if (frame.type === "resync") {
      this.place.moveTo(frame.data.cursor);
      this.oweResync(frame.data.reason, frame.data.afterMs);
    } else if (frame.type === "reconnect") {
      this.comeBackAtMs = this.now() + frame.data.afterMs;
      this.retryTimer = setTimeout(() => this.leave(), frame.data.afterMs);
    } else if (frame.type === "pong") {
      this.place.moveTo(frame.data.cursor);
      this.listeners.call("pong", frame.data);
    } else if (frame.type === "error") this.listeners.call("error", frame.data);
    else this.onEvent(frame);
  }

  private onWelcome(welcome: FrameOf<"welcome">["data"]): void {
    this.authority?.stop();
    this.authority = new Authority(
      {
        now: this.now,
        random: this.random,
        getTicket: () => this.askTicket("refresh"),
        sendTicket: (ticket) => this.transport?.send({ type: "refresh", data: { ticket } }),
        onRefused: (status) => this.halt(status === 401 ? "signed_out" : "stopped"),
      },
      welcome,
    );
    this.welcomedAtMs = this.now();
    this.wasEverWelcomed = true;
    this.transport?.startHeartbeat(welcome.heartbeatMs);
    this.place.moveTo(welcome.cursor);
    this.setState("connected");
    this.listeners.call("welcome", { connectionId: welcome.connectionId, recovered: welcome.recovered });
    if (!welcome.recovered) this.oweResync("not_recovered", welcome.afterMs);
    else if (this.owedResync !== undefined) this.oweResync(this.owedResync, welcome.afterMs);
  }

  private onEvent(frame: EventFrame): void {
    if (frame.cursor === undefined) {
      this.listeners.call(frame.type, frame.data, frame);
      return;
    }
    const durable = frame as EventFrame<DurableType> as DurableFrame;
    this.place.take(durable, () => {
      this.recordings.record(durable);
      this.listeners.call(everyDurable, durable);
      this.listeners.call(durable.type, durable.data, durable);
    });
  }

  /** Owed until it was told: a connection that breaks meanwhile must not swallow it. */
  private oweResync(reason: string, afterMs: number): void {
    this.owedResync = reason;
    clearTimeout(this.resyncTimer);
    this.resyncTimer = setTimeout(() => {
      this.owedResync = undefined;
      this.listeners.call("resync", { reason });
    }, afterMs);
  }

  private onEnd(end: TransportEnd): void {
    this.debug("closed", end);
    this.closeTransport();
    if (this.welcomedAtMs !== undefined) this.backoff.settle(this.now() - this.welcomedAtMs);
    this.welcomedAtMs = undefined;
    if (end.code === forbidden) this.halt("stopped");
    else if (this.comeBackAtMs === undefined) this.retryIn(this.backoff.nextMs());
    else this.retryIn(Math.max(0, this.comeBackAtMs - this.now()));
  }

  /** The gateway said when: no further delay. */
  private leave(): void {
    this.debug("leaving", {});
    this.closeTransport();
    void this.open();
  }

  private retryIn(delayMs: number): void {
    this.showWaiting();
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => void this.open(), delayMs);
  }

  private onOffline(): void {
    if (this.transport) this.transport.probe();
    this.showWaiting();
  }

  private onWorthATry(): void {
    if (!this.who || ["idle", "signed_out", "stopped"].includes(this.state)) return;
    if (this.transport) this.transport.probe();
    else this.retryIn(this.random() * 300);
  }

  private halt(state: ConnectionState): void {
    this.attempt += 1;
    this.ticketAbort?.abort();
    clearTimeout(this.retryTimer);
    clearTimeout(this.resyncTimer);
    this.closeTransport();
    this.setState(state);
  }

  private closeTransport(): void {
    const transport = this.transport;
    this.transport = undefined;
    this.authority?.stop();
    this.authority = undefined;
    transport?.abandon(closedByUs);
  }

  /** Another person's place, ids and debts mean nothing for this one. */
  private forget(): void {
    this.place = new Place();
    this.owedResync = undefined;
    this.hasEarlyReads = false;
    this.wasEverWelcomed = false;
  }

  private showWaiting(): void {
    if (this.transport && this.state === "connected") return;
    this.setState(isOnline() ? (this.wasEverWelcomed ? "reconnecting" : "connecting") : "offline");
  }

  private setState(state: ConnectionState): void {
    if (state === this.state) return;
    this.state = state;
    this.listeners.call(stateChange, state);
  }

  private debug(message: string, detail: unknown): void {
    const { debug } = this.options;
    if (typeof debug === "function") debug(message, detail);
    else if (debug) console.debug(`[realtime] ${message}`, detail);
  }
}
