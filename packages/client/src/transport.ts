import type { ClientFrame, ControlFrame, EventFrame } from "@syszap/contracts";

/** As much of the browser's WebSocket as is used; the class of the `ws` package fits too. */
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
}
interface TransportOptions {
  url: string;
  webSocket: WebSocketConstructor;
  onFrame: (frame: ServerFrame) => void;
  onEnd: (end: TransportEnd) => void;
}

const openWithinMs = 15_000;
const probeWithinMs = 3_000;
const open = 1;
/** What a socket that was given up reports: the real close may take a minute on a dead link. */
const heartbeatMissed = 4408;

/** One socket from its opening to its end. Finds a dead peer by pings that stay unanswered. */
export class Transport {
  private readonly options: TransportOptions;
  private readonly socket: WebSocketLike;
  private deadline: ReturnType<typeof setTimeout> | undefined;
  private nextPing: ReturnType<typeof setTimeout> | undefined;
  private heartbeatMs: number | undefined;
  private frameCount = 0;
  private hasEnded = false;

  constructor(options: TransportOptions) {
    this.options = options;
    this.socket = new options.webSocket(options.url);
    this.socket.onmessage = (event: { data: unknown }) => this.receive(event.data);
    this.socket.onclose = (event: { code: number; reason: string }) => this.end(event.code, event.reason);
    this.socket.onerror = () => undefined; // a close always follows, and only that says more
    this.expectFrameWithin(openWithinMs);
  }

  /** From the welcome on: silence for this long means that the peer is dead. */
  startHeartbeat(heartbeatMs: number): void {
    this.heartbeatMs = heartbeatMs;
    this.schedulePing();
  }

  send(frame: ClientFrame): boolean {
    if (this.hasEnded || this.socket.readyState !== open) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Asks for a sign of life now: after sleep or a change of network the socket may be a corpse. */
  probe(): void {
    if (this.heartbeatMs === undefined) return;
    clearTimeout(this.deadline);
    this.deadline = undefined;
    this.ping(Math.min(probeWithinMs, this.heartbeatMs));
  }

  /** Closes without a word to `onEnd`: whoever calls this knows. */
  abandon(code: number): void {
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

  private ping(answerWithinMs: number): void {
    this.send({ type: "ping", data: {} });
    this.expectFrameWithin(answerWithinMs);
  }

  private expectFrameWithin(waitMs: number): void {
    if (this.deadline !== undefined) return;
    const countBefore = this.frameCount;
    this.deadline = setTimeout(() => {
      this.deadline = undefined;
      // A sleeping tab wakes with its timers due before its frames are read: those frames count.
      setTimeout(() => {
        if (this.frameCount === countBefore) this.end(heartbeatMissed, "no answer");
      }, 0);
    }, waitMs);
  }

  private end(code: number, reason: string): void {
    if (this.hasEnded) return;
    this.finish(code, reason);
    this.options.onEnd({ code, reason });
  }

  private finish(code: number, reason: string): void {
    this.hasEnded = true;
    clearTimeout(this.deadline);
    clearTimeout(this.nextPing);
    this.socket.onmessage = null;
    this.socket.onclose = null;
    // Browsers let a page say 1000 or 3000 to 4999 only; anything else came from the peer, which has closed already.
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
