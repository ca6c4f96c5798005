import type { DurableType, EventFrame, FrameOf } from "@syszap/contracts";
import { closeCodes, finalCloseCodes } from "@syszap/contracts/constants";
import { Backoff } from "./backoff.ts";
import { socketFailure, ticketFailure } from "./connect-failure.ts";
import { connectionUrl, type Identity } from "./connection-url.ts";
import { Listeners } from "./listeners.ts";
import { isOnline, watchNetwork } from "./network-status.ts";
import { PendingResync } from "./pending-resync.ts";
import { Recordings } from "./recordings.ts";
import { ResumePosition } from "./resume-position.ts";
import { type TicketAnswer, type TicketReason, ticketRefusal } from "./ticket.ts";
import { TokenRefresher } from "./token-refresher.ts";
import { type ServerFrame, Transport, type TransportEnd } from "./transport.ts";
import type { ConnectFailure, ConnectionState, DurableFrame, RealtimeClient, RealtimeClientOptions } from "./types.ts";

const ticketTimeoutMs = 15_000;
const firstCursorTimeoutMs = 3_000;
const normalClosure = 1000;
/** Listener keys that no event type can equal. */
const everyDurable = " durable";
const stateChange = " state";
const endStates: readonly ConnectionState[] = ["idle", "signed_out", "stopped"];

/** Creates the client of an app. Create it once and call `connect` after each sign-in. */
export function createRealtimeClient(options: RealtimeClientOptions): RealtimeClient {
  return new Client(options);
}

class Client implements RealtimeClient {
  state: ConnectionState = "idle";
  lastFailure: ConnectFailure | undefined;
  failedAttempts = 0;
  private readonly options: RealtimeClientOptions;
  private readonly now: () => number;
  private readonly random: () => number;
  private readonly listeners = new Listeners();
  private readonly recordings = new Recordings();
  private readonly backoff: Backoff;
  private position = new ResumePosition();
  private user: Identity | undefined;
  /** Number of the connection attempt. Results of earlier attempts are ignored. */
  private attempt = 0;
  private ticketAbort: AbortController | undefined;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  /** Set by a gateway that is about to stop. */
  private reconnectAtMs: number | undefined;
  private transport: Transport | undefined;
  private tokenRefresher: TokenRefresher | undefined;
  private welcomedAtMs: number | undefined;
  private wasEverWelcomed = false;
  /** A snapshot was read before the first cursor was known, so events between the two may be missing. */
  private hasEarlyReads = false;
  private readonly resync = new PendingResync((reason) => this.listeners.call("resync", { reason }));
  private stopWatching: (() => void) | undefined;

  constructor(options: RealtimeClientOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
    this.random = options.random ?? Math.random;
    this.backoff = new Backoff(this.random);
  }

  connect(companyId?: string, userId?: string): void {
    if (this.options.webSocket === undefined && typeof WebSocket === "undefined")
      throw new Error("This runtime has no WebSocket. Pass the class of the ws package in the option webSocket.");
    const isSame = this.user !== undefined && this.user.companyId === companyId && this.user.userId === userId;
    if (isSame && !endStates.includes(this.state)) return;
    this.halt("idle");
    if (this.user && !isSame) this.forget();
    this.user = { companyId, userId };
    this.failedAttempts = 0;
    this.backoff.reset();
    this.stopWatching ??= watchNetwork(
      () => this.onOffline(),
      () => this.onRetryHint(),
    );
    void this.open();
  }

  disconnect(): void {
    this.halt("idle");
    this.stopWatching?.();
    this.stopWatching = undefined;
  }

  retry(): void {
    if (!this.user || this.transport || this.state === "idle" || this.state === "signed_out") return;
    this.ticketAbort?.abort();
    void this.open();
  }

  on: RealtimeClient["on"] = (type, listener) => this.listeners.add(type, listener);
  off: RealtimeClient["off"] = (type, listener) => this.listeners.remove(type, listener);
  onDurable: RealtimeClient["onDurable"] = (listener) => this.listeners.add(everyDurable, listener);
  onStateChange: RealtimeClient["onStateChange"] = (listener) => this.listeners.add(stateChange, listener);

  send: RealtimeClient["send"] = (type, data) =>
    this.state === "connected" && (this.transport?.send({ type, data } as never) ?? false);

  snapshot: RealtimeClient["snapshot"] = async (fetch, apply) => {
    const mayConnect = this.user !== undefined && this.state !== "idle";
    if (mayConnect) await this.position.isKnownWithin(firstCursorTimeoutMs);
    if (this.position.cursor === undefined) this.hasEarlyReads = true;
    return this.recordings.duringFetch(fetch, apply);
  };

  private async open(): Promise<void> {
    const { user } = this;
    if (!user) return;
    this.attempt += 1;
    const attempt = this.attempt;
    clearTimeout(this.retryTimer);
    this.reconnectAtMs = undefined;
    this.showWaiting();
    try {
      const answer = await this.requestTicket("connect");
      if (attempt !== this.attempt) return;
      if (this.hasEarlyReads && this.position.cursor === undefined) this.resync.reason ??= "read_before_first_place";
      this.position.startAt(answer.cursor);
      this.transport = new Transport({
        url: connectionUrl(this.options.url, user, answer.ticket, this.position.cursor),
        webSocket: this.options.webSocket ?? WebSocket,
        onFrame: (frame) => this.onFrame(frame),
        onEnd: (end) => this.onEnd(end),
      });
    } catch (error) {
      if (attempt === this.attempt) this.onTicketRefused(error);
    }
  }

  private async requestTicket(reason: TicketReason): Promise<TicketAnswer> {
    const abort = new AbortController();
    this.ticketAbort = abort;
    const timer = setTimeout(() => abort.abort(), ticketTimeoutMs);
    try {
      return await Promise.race([
        this.options.getTicket({ reason, signal: abort.signal }),
        new Promise<never>((_, reject) => {
          abort.signal.addEventListener("abort", () =>
            reject(new Error(`No realtime ticket within ${ticketTimeoutMs} ms`)),
          );
        }),
      ]);
    } finally {
      clearTimeout(timer);
    }
  }

  private onTicketRefused(error: unknown): void {
    const { status, retryAfterMs } = ticketRefusal(error);
    this.debug("ticket refused", { status });
    this.reportFailure(ticketFailure(error, status));
    if (status === 401) this.halt("signed_out");
    else if (status === 403) this.halt("stopped");
    else this.retryIn(retryAfterMs + this.backoff.nextMs());
  }

  private onFrame(frame: ServerFrame): void {
    this.debug("frame", { type: frame.type });
    if (frame.type === "welcome") this.onWelcome(frame.data);
    else if (frame.type === "resync") {
      this.position.moveTo(frame.data.cursor);
      this.resync.schedule(frame.data.reason, frame.data.afterMs);
    } else if (frame.type === "reconnect") {
      this.reconnectAtMs = this.now() + frame.data.afterMs;
      this.retryTimer = setTimeout(() => this.leave(), frame.data.afterMs);
    } else if (frame.type === "pong") {
      this.position.moveTo(frame.data.cursor);
      this.listeners.call("pong", frame.data);
    } else if (frame.type === "error") this.listeners.call("error", frame.data);
    else this.onEvent(frame);
  }

  private onWelcome(welcome: FrameOf<"welcome">["data"]): void {
    this.tokenRefresher?.stop();
    this.tokenRefresher = new TokenRefresher(
      {
        now: this.now,
        random: this.random,
        getTicket: () => this.requestTicket("refresh"),
        sendTicket: (ticket) => this.transport?.send({ type: "refresh", data: { ticket } }),
        onRefused: (status) => this.halt(status === 401 ? "signed_out" : "stopped"),
      },
      welcome,
    );
    this.welcomedAtMs = this.now();
    this.lastFailure = undefined;
    this.failedAttempts = 0;
    this.wasEverWelcomed = true;
    this.transport?.startHeartbeat(welcome.heartbeatMs);
    this.position.moveTo(welcome.cursor);
    this.setState("connected");
    this.listeners.call("welcome", { connectionId: welcome.connectionId, recovered: welcome.recovered });
    if (!welcome.recovered) this.resync.schedule("not_recovered", welcome.afterMs);
    else if (this.resync.reason !== undefined) this.resync.schedule(this.resync.reason, welcome.afterMs);
  }

  private onEvent(frame: EventFrame): void {
    if (frame.cursor === undefined) {
      this.listeners.call(frame.type, frame.data, frame);
      return;
    }
    const durable = frame as EventFrame<DurableType> as DurableFrame;
    this.position.accept(durable, () => {
      this.recordings.record(durable);
      this.listeners.call(everyDurable, durable);
      this.listeners.call(durable.type, durable.data, durable);
    });
  }

  private onEnd(end: TransportEnd): void {
    this.debug("closed", end);
    this.closeTransport();
    if (this.welcomedAtMs === undefined) this.reportFailure(socketFailure(end));
    const isAccessEnded = end.code === closeCodes.unauthenticated;
    if (this.welcomedAtMs !== undefined) this.backoff.settle(this.now() - this.welcomedAtMs, { isAccessEnded });
    this.welcomedAtMs = undefined;
    if (finalCloseCodes.includes(end.code)) this.halt("stopped");
    else if (this.reconnectAtMs === undefined) this.retryIn(this.backoff.nextMs());
    else this.retryIn(Math.max(0, this.reconnectAtMs - this.now()));
  }

  /** A program without a listener gets a warning on the console, because it has no page that shows the state. */
  private reportFailure(failure: ConnectFailure): void {
    const isNew = failure.message !== this.lastFailure?.message;
    this.lastFailure = failure;
    this.failedAttempts += 1;
    const isHandled = this.listeners.call("connect_error", failure);
    if (!isHandled && isNew && typeof document === "undefined")
      console.warn(`[realtime] cannot connect (${failure.step}): ${failure.message}`);
  }

  /** Reconnects without backoff: the gateway has already spread its clients over time. */
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

  private onRetryHint(): void {
    if (!this.user || endStates.includes(this.state)) return;
    if (this.transport) this.transport.probe();
    else this.retryIn(this.random() * 300);
  }

  private halt(state: ConnectionState): void {
    this.attempt += 1;
    this.ticketAbort?.abort();
    clearTimeout(this.retryTimer);
    this.resync.suspend();
    this.closeTransport();
    this.setState(state);
  }

  private closeTransport(): void {
    const transport = this.transport;
    this.transport = undefined;
    this.tokenRefresher?.stop();
    this.tokenRefresher = undefined;
    transport?.close(normalClosure);
  }

  /** Drops all state that belongs to the previous user. */
  private forget(): void {
    this.position = new ResumePosition();
    this.resync.reason = undefined;
    this.hasEarlyReads = false;
    this.wasEverWelcomed = false;
  }

  private showWaiting(): void {
    if (this.transport && this.state === "connected") return;
    if (!isOnline()) this.setState("offline");
    else this.setState(this.wasEverWelcomed ? "reconnecting" : "connecting");
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
