import { createConnection, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { ProxyFaults } from "./fault-proxy.ts";

/** Of a slow link: a chunk as big as what passes in this time. */
const dripEveryMs = 50;
/** How long a silent link sleeps before it looks again. */
const silenceLookMs = 20;

/** One connection through the proxy: two sockets, and a pump for each direction. */
export class ProxiedLink {
  /** Of this link alone. */
  faults: Partial<ProxyFaults> = {};
  private readonly upstream: Socket;
  private bytesLeft = Number.POSITIVE_INFINITY;
  private closeListener = () => {};
  private isOver = false;

  constructor(
    private readonly client: Socket,
    targetPort: number,
    private readonly current: () => ProxyFaults,
  ) {
    this.upstream = createConnection({ port: targetPort, host: "127.0.0.1", allowHalfOpen: true });
    for (const socket of [client, this.upstream]) {
      socket.setNoDelay(true);
      socket.on("error", () => this.reset());
    }
    void this.pump(client, this.upstream, false);
    void this.pump(this.upstream, client, true);
  }

  change(faults: Partial<ProxyFaults>): void {
    this.faults = { ...this.faults, ...faults };
  }

  onClose(listener: () => void): void {
    this.closeListener = listener;
  }

  resetAfter(bytes: number): void {
    this.bytesLeft = bytes;
  }

  reset(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const socket of [this.client, this.upstream]) {
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
    }
    this.closeListener();
  }

  private async pump(from: Socket, to: Socket, isFromServer: boolean): Promise<void> {
    try {
      for await (const chunk of from) await this.pass(chunk as Buffer, to, isFromServer);
      await this.whileSilent();
      if (to.destroyed) this.reset();
      else to.end();
      if (from.writableEnded) this.reset();
    } catch {
      this.reset();
    }
  }

  private async pass(chunk: Buffer, to: Socket, isFromServer: boolean): Promise<void> {
    const { delayMs } = this.current();
    if (delayMs > 0) await delay(delayMs);
    for (let at = 0; at < chunk.length && !this.isOver; ) {
      await this.whileSilent();
      const { bytesPerSecond } = this.current();
      const isSlow = isFromServer && bytesPerSecond > 0;
      const size = isSlow ? Math.max(1, Math.round((bytesPerSecond * dripEveryMs) / 1_000)) : chunk.length;
      const piece = chunk.subarray(at, at + (isFromServer ? Math.min(size, this.bytesLeft) : size));
      at += piece.length;
      await write(to, piece);
      if (isFromServer) this.bytesLeft -= piece.length;
      if (this.bytesLeft <= 0) return this.reset();
      if (isSlow) await delay(dripEveryMs);
    }
  }

  private async whileSilent(): Promise<void> {
    while (this.current().isSilent && !this.isOver) await delay(silenceLookMs);
  }
}

/** Resolves when the receiver has room again, so that pressure reaches the sender. */
function write(to: Socket, piece: Buffer): Promise<void> {
  if (to.destroyed || piece.length === 0 || to.write(piece)) return Promise.resolve();
  return new Promise((resolve) => {
    const settle = () => {
      to.off("drain", settle);
      to.off("close", settle);
      resolve();
    };
    to.once("drain", settle);
    to.once("close", settle);
  });
}
