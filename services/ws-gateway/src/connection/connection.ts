import { randomUUID } from "node:crypto";
import type { Audience, ControlFrame, Cursor } from "@syszap/contracts";
import type { ConnectionInfo } from "@syszap/event-bus";
import { WebSocket } from "ws";
import type { Identity } from "../authorize.ts";
import { encodeControl } from "../frames/encode.ts";
import type { GatewaySocket } from "../frames/gateway-socket.ts";

const ignore = () => {};

/** One socket of one person. It knows what it may see and how far it has come; it never asks anybody. */
export class Connection {
  readonly id = randomUUID();
  private readonly connectedAt = Date.now();
  /** The position of the newest event that was written to it, or passed over because it is not for it. */
  cursor: Cursor | undefined;
  /** Events of its company up to this number came before it; they are in its past, or not for it. */
  startsAfter = 0;
  /** What the budgets have on their account for it. */
  countedBytes = 0;
  pingDueAt = 0;
  /** Where the heartbeat finds it next. */
  heartbeatSlot = -1;
  private endedWith: number | undefined;

  constructor(
    private readonly ws: GatewaySocket,
    public identity: Identity,
    private readonly closeGraceMs: number,
  ) {
    ws.on("pong", ws.noteHeard);
    ws.on("error", ignore); // what matters about it follows as `close`
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
    if (audience.kind === "company") return true;
    if (audience.kind === "user") return audience.userId === this.identity.userId;
    return audience.roles.includes(this.identity.role);
  }

  /** Whole WebSocket frames, one or many. */
  write(frames: Buffer): void {
    if (this.isOpen) this.ws.writeFrames(frames);
  }

  send(frame: ControlFrame): void {
    this.write(encodeControl(frame));
  }

  ping(): void {
    if (this.isOpen) this.ws.ping();
  }

  get lastHeardAt(): number {
    return this.ws.heardAt;
  }

  onMessage(listener: (data: Buffer, isBinary: boolean) => void): void {
    this.ws.on("message", (data, isBinary) => {
      this.ws.noteHeard();
      // What comes after we said why we close is not listened to.
      if (this.isOpen) listener(data as Buffer, isBinary);
    });
  }

  /** With our own code when it was we who ended it: a peer that is gone confirms none. */
  onClose(listener: (code: number) => void): void {
    this.ws.on("close", (code) => listener(this.endedWith ?? code));
  }

  /** A peer that does not answer is cut off after a grace time. */
  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.endedWith = code;
    this.ws.close(code, reason);
    setTimeout(() => this.ws.terminate(), this.closeGraceMs).unref();
  }
}
