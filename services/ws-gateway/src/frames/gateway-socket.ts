import type { Duplex } from "node:stream";
import { closeCodes } from "@syszap/contracts";
import { WebSocket } from "ws";
import { payloadsOf } from "./encode.ts";

const tooBig = 1009;
const notUtf8 = 1007;
const tooManyFragments = 1008;

/** Private fields of `ws`. Used only here; a test fails when a new version of `ws` changes them. */
interface Internals {
  _socket?: Duplex | null;
  _sender?: { _socket?: Duplex; _state?: number } | null;
}
const senderIsIdle = 0;

/**
 * A WebSocket that can write encoded frames directly. When `ws` closes it because a frame exceeds a limit, the client gets
 * an error frame and a close code of our protocol.
 */
export class GatewaySocket extends WebSocket {
  /** Epoch milliseconds of the last message or pong from the peer. */
  lastActivityAt = Date.now();

  /** Also registered as an event listener, where `this` is the socket too. */
  noteActivity(): void {
    this.lastActivityAt = Date.now();
  }

  /** Writes one or more complete text frames. The same buffer may be written to any number of sockets. */
  writeFrames(frames: Buffer): void {
    const socket = this.rawSocket;
    if (socket) socket.write(frames);
    else for (const payload of payloadsOf(frames)) this.send(payload, { binary: false });
  }

  /** Resolves when the kernel has taken all bytes that were written so far, or when the socket is closed. */
  flushed(): Promise<void> {
    const { _socket: socket } = this as unknown as Internals;
    if (!socket || socket.destroyed || socket.writableLength === 0) return Promise.resolve();
    // An empty write completes after the writes before it, with an error if the socket is destroyed first.
    return new Promise((resolve) => socket.write("", () => resolve()));
  }

  get unsentBytes(): number {
    return this.rawSocket?.writableLength ?? this.bufferedAmount;
  }

  /** The TCP socket, or undefined while `ws` may write a frame in several parts, which our frames must not interrupt. */
  get rawSocket(): Duplex | undefined {
    const { _socket: socket, _sender: sender } = this as unknown as Internals;
    return socket && sender?._state === senderIsIdle && sender._socket === socket ? socket : undefined;
  }

  override close(code?: number, reason?: string | Buffer): void {
    if (code === tooBig) this.closeWithError("too_large", "A frame may have at most 16 KiB", closeCodes.tooLarge);
    else if (code === notUtf8) this.closeWithError("malformed", "A frame must be UTF-8 text", closeCodes.malformed);
    else if (code === tooManyFragments)
      this.closeWithError("malformed", "A frame has too many fragments", closeCodes.malformed);
    else super.close(code, reason);
  }

  private closeWithError(error: string, message: string, code: number): void {
    if (this.readyState === WebSocket.OPEN)
      this.send(JSON.stringify({ type: "error", data: { code: error, message } }));
    super.close(code, error);
  }
}
