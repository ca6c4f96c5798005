import { createConnection, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { ProxyFaults } from "./proxy-faults.ts";

/** A slow link forwards one chunk per interval. */
const slowIntervalMs = 50;
/** A silent link checks at this interval whether its silence has ended. */
const silencePollMs = 20;

/** One connection through the proxy: two sockets and one copy loop per direction. */
export class ProxiedLink {
  /** Faults of this link, which override those of the proxy. */
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
      const size = isSlow ? Math.max(1, Math.round((bytesPerSecond * slowIntervalMs) / 1_000)) : chunk.length;
      const piece = chunk.subarray(at, at + (isFromServer ? Math.min(size, this.bytesLeft) : size));
      at += piece.length;
      await write(to, piece);
      if (isFromServer) this.bytesLeft -= piece.length;
      if (this.bytesLeft <= 0) return this.reset();
      if (isSlow) await delay(slowIntervalMs);
    }
  }

  private async whileSilent(): Promise<void> {
    while (this.current().isSilent && !this.isOver) await delay(silencePollMs);
  }
}

/** Resolves when the receiver can take more data, so that backpressure reaches the sender. */
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
