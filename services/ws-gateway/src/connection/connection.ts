import { randomUUID } from "node:crypto";
import { type Audience, type ControlFrame, type Cursor, isInAudience } from "@syszap/contracts";
import type { ConnectionInfo } from "@syszap/event-bus";
import type { LogContext } from "@syszap/platform";
import { WebSocket } from "ws";
import type { Identity } from "../authorize.ts";
import { encodeControl } from "../frames/encode.ts";
import type { GatewaySocket } from "../frames/gateway-socket.ts";

const ignore = () => {};

/** One socket of one user, with its permissions and its stream position. */
export class Connection {
  readonly id = randomUUID();
  readonly logContext: LogContext;
  private readonly connectedAt = Date.now();
  /** Position of the newest event that was written to it, or skipped because it is outside its audience. */
  cursor: Cursor | undefined;
  /** Ordinal of the newest feed item when it joined the hub. */
  joinedAfter = 0;
  /** Durable items up to this ordinal are covered by its resume. Infinite until the resume is complete. */
  startsAfter = Number.POSITIVE_INFINITY;
  /** Unsent bytes that `UnsentBudget` currently counts for it. */
  countedBytes = 0;
  pingDueAt = 0;
  /** Slot of the timing wheel in `Liveness` that holds it. */
  wheelSlot = -1;
  private endedWith: number | undefined;
  private readonly closeGraceMs: number;

  constructor(
    private readonly ws: GatewaySocket,
    public identity: Identity,
    options: { closeGraceMs: number; requestId?: string },
  ) {
    this.closeGraceMs = options.closeGraceMs;
    this.logContext = { requestId: options.requestId ?? this.id, connectionId: this.id };
    ws.on("pong", ws.noteActivity);
    ws.on("error", ignore); // a `close` event follows
  }

  get isOpen(): boolean {
    return this.ws.readyState === WebSocket.OPEN;
  }

  get unsentBytes(): number {
    return this.ws.unsentBytes;
  }

  get info(): ConnectionInfo {
    const { companyId, userId } = this.identity;
    return { id: this.id, companyId, userId, connected: new Date(this.connectedAt).toISOString() };
  }

  mayRead(audience: Audience): boolean {
    return isInAudience(audience, this.identity);
  }

  /** Writes one or more complete WebSocket frames. */
  write(frames: Buffer): void {
    if (this.isOpen) this.ws.writeFrames(frames);
  }

  /** Resolves when the socket has taken all bytes that were written so far, or is closed. */
  async flushed(): Promise<void> {
    if (this.isOpen) await this.ws.flushed();
  }

  send(frame: ControlFrame): void {
    this.write(encodeControl(frame));
  }

  ping(): void {
    if (this.isOpen) this.ws.ping();
  }

  get lastActivityAt(): number {
    return this.ws.lastActivityAt;
  }

  onMessage(listener: (data: Buffer, isBinary: boolean) => void): void {
    this.ws.on("message", (data, isBinary) => {
      this.ws.noteActivity();
      // Frames that arrive after our close frame are ignored.
      if (this.isOpen) listener(data as Buffer, isBinary);
    });
  }

  /** Passes our own close code when we closed the socket, because a peer that is gone confirms none. */
  onClose(listener: (code: number) => void): void {
    this.ws.on("close", (code) => listener(this.endedWith ?? code));
  }

  /** Sends a close frame. Terminates the socket when the peer does not answer within `closeGraceMs`. */
  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.endedWith = code;
    this.ws.close(code, reason);
    setTimeout(() => this.ws.terminate(), this.closeGraceMs).unref();
  }
}
