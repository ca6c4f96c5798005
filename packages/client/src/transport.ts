import type { ClientFrame, ControlFrame, EventFrame } from "@syszap/contracts";
import { closeCodes } from "@syszap/contracts/constants";

/** The members of the browser's WebSocket that the client uses. The `WebSocket` class of the `ws` package has them too. */
export interface WebSocketLike {
  readonly readyState: number;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}
export type WebSocketConstructor = new (url: string) => WebSocketLike;

export type ServerFrame = ControlFrame | EventFrame;
export interface TransportEnd {
  code: number;
  reason: string;
  /** Message of the socket's error event. The `ws` package puts the status of a refused upgrade into it. */
  error: string | undefined;
}
interface TransportOptions {
  url: string;
  webSocket: WebSocketConstructor;
  onFrame: (frame: ServerFrame) => void;
  onEnd: (end: TransportEnd) => void;
}

const openTimeoutMs = 15_000;
const probeTimeoutMs = 3_000;
const openState = 1;

/** One socket, from opening to close. Detects a dead peer by unanswered pings. */
export class Transport {
  private readonly options: TransportOptions;
  private readonly socket: WebSocketLike;
  private deadline: ReturnType<typeof setTimeout> | undefined;
  private nextPing: ReturnType<typeof setTimeout> | undefined;
  private heartbeatMs: number | undefined;
  private frameCount = 0;
  private hasEnded = false;
  private error: string | undefined;

  constructor(options: TransportOptions) {
    this.options = options;
    this.socket = new options.webSocket(options.url);
    this.socket.onmessage = (event: { data: unknown }) => this.receive(event.data);
    this.socket.onclose = (event: { code: number; reason: string }) => this.end(event.code, event.reason);
    // A close event always follows.
    this.socket.onerror = (event: { message?: unknown }) => {
      if (typeof event.message === "string" && event.message !== "") this.error = event.message;
    };
    this.expectFrameWithin(openTimeoutMs);
  }

  /** Starts the pings. A peer that sends nothing for `heartbeatMs` is considered dead. */
  startHeartbeat(heartbeatMs: number): void {
    this.heartbeatMs = heartbeatMs;
    this.schedulePing();
  }

  send(frame: ClientFrame): boolean {
    if (this.hasEnded || this.socket.readyState !== openState) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Sends a ping now: after sleep or a network change the socket may be dead without an event. */
  probe(): void {
    if (this.heartbeatMs === undefined) return;
    clearTimeout(this.deadline);
    this.deadline = undefined;
    this.ping(Math.min(probeTimeoutMs, this.heartbeatMs));
  }

  /** Closes the socket without calling `onEnd`. */
  close(code: number): void {
    this.finish(code, "");
  }

  private receive(data: unknown): void {
    if (this.hasEnded) return;
    this.frameCount += 1;
    clearTimeout(this.deadline);
    this.deadline = undefined;
    const frame = parseFrame(data);
    if (frame) this.options.onFrame(frame);
  }

  private schedulePing(): void {
    clearTimeout(this.nextPing);
    const heartbeatMs = this.heartbeatMs;
    if (heartbeatMs === undefined || this.hasEnded) return;
    this.nextPing = setTimeout(() => {
      this.ping((heartbeatMs * 2) / 3);
      this.schedulePing();
    }, heartbeatMs / 3);
  }

  private ping(answerTimeoutMs: number): void {
    this.send({ type: "ping", data: {} });
    this.expectFrameWithin(answerTimeoutMs);
  }

  private expectFrameWithin(timeoutMs: number): void {
    if (this.deadline !== undefined) return;
    const countBefore = this.frameCount;
    this.deadline = setTimeout(() => {
      this.deadline = undefined;
      // In a tab that wakes from sleep, due timers run before received frames are read. The extra turn lets those frames count.
      setTimeout(() => {
        // Reported at once: the socket's own close event may take a minute on a dead connection.
        if (this.frameCount === countBefore) this.end(closeCodes.heartbeatMissed, "no answer");
      }, 0);
    }, timeoutMs);
  }

  private end(code: number, reason: string): void {
    if (this.hasEnded) return;
    this.finish(code, reason);
    this.options.onEnd({ code, reason, error: this.error });
  }

  private finish(code: number, reason: string): void {
    this.hasEnded = true;
    clearTimeout(this.deadline);
    clearTimeout(this.nextPing);
    this.socket.onmessage = null;
    this.socket.onclose = null;
    // Pages may only close with 1000 or 3000 to 4999. Any other code came from the peer, which has closed already.
    if (code === 1000 || code >= 3_000) this.socket.close(code, reason);
  }
}

function parseFrame(data: unknown): ServerFrame | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const frame = JSON.parse(data) as ServerFrame;
    return typeof frame?.type === "string" && typeof frame.data === "object" ? frame : undefined;
  } catch {
    return undefined;
  }
}
