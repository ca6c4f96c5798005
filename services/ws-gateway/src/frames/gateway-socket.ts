import type { Duplex } from "node:stream";
import { closeCodes } from "@syszap/contracts";
import { WebSocket } from "ws";
import { payloadsOf } from "./encode.ts";

const tooBig = 1009;
const notUtf8 = 1007;
const tooManyPieces = 1008;

/** What `ws` keeps to itself. Nothing else in the gateway knows of it, and a test says when a new `ws` changes it. */
interface Internals {
  _socket?: Duplex | null;
  _sender?: { _socket?: Duplex; _state?: number } | null;
}
const senderIsIdle = 0;

/**
 * A socket that takes finished frames as they are. `ws` closes by itself when a frame breaks its limits; this says why
 * in our own words and codes.
 */
export class GatewaySocket extends WebSocket {
  heardAt = Date.now();

  /** Also a listener of its own: `this` is the socket then too. */
  noteHeard(): void {
    this.heardAt = Date.now();
  }

  /** Whole text frames, one or many: the same buffer may go to any number of sockets. */
  writeFrames(frames: Buffer): void {
    const socket = this.rawSocket;
    if (socket) socket.write(frames);
    else for (const payload of payloadsOf(frames)) this.send(payload, { binary: false });
  }

  get unsentBytes(): number {
    return this.rawSocket?.writableLength ?? this.bufferedAmount;
  }

  /** The TCP socket, as long as `ws` writes its own frames to it whole and at once, so that ours can't come between their parts. */
  get rawSocket(): Duplex | undefined {
    const { _socket: socket, _sender: sender } = this as unknown as Internals;
    return socket && sender?._state === senderIsIdle && sender._socket === socket ? socket : undefined;
  }

  override close(code?: number, reason?: string | Buffer): void {
    if (code === tooBig) this.closeSaying("too_large", "A frame may have 16 KiB at most", closeCodes.tooLarge);
    else if (code === notUtf8) this.closeSaying("malformed", "A frame must be UTF-8 text", closeCodes.malformed);
    else if (code === tooManyPieces) this.closeSaying("malformed", "A frame has too many pieces", closeCodes.malformed);
    else super.close(code, reason);
  }

  private closeSaying(error: string, message: string, code: number): void {
    if (this.readyState === WebSocket.OPEN)
      this.send(JSON.stringify({ type: "error", data: { code: error, message } }));
    super.close(code, error);
  }
}
