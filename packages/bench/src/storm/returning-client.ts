import type { Endpoint } from "../client-pool/commands.ts";
import { opcodes } from "../client-pool/frame-reader.ts";
import { openRawSocket, type RawSocket } from "../client-pool/raw-socket.ts";
import { type ClientPosition, readMark, type Verdict } from "./commands.ts";

/** Backoff with full jitter, as described in docs/protocol.md, section 7. */
const backoff = { firstMs: 500, maxMs: 30_000 };

interface ReturningClientOptions {
  /** Totals of all clients. */
  verdict: Verdict;
  /** Returns an endpoint with a fresh ticket. */
  requestEndpoint(position: ClientPosition, since: string | undefined): Promise<Endpoint>;
  attempted(): void;
  /** Called when the client has received the marker and therefore everything before it. */
  caughtUp(): void;
}

/** A client that reconnects from its cursor as described in docs/protocol.md, and counts the events it receives. */
export class ReturningClient {
  private socket: RawSocket | undefined;
  private cursor: string | undefined;
  private nextNumber = 1;
  private attempt = 0;
  private isGreeted = false;
  private isBehind = false;

  constructor(
    private readonly position: ClientPosition,
    private readonly options: ReturningClientOptions,
  ) {}

  /** Number of received events of its company. `verdict` counts gaps and duplicates. */
  get received(): number {
    return this.nextNumber - 1;
  }

  /** Connects for the first time. Resolves after the welcome, rejects if the gateway refuses the connection. */
  async join(): Promise<void> {
    const endpoint = await this.options.requestEndpoint(this.position, undefined);
    await new Promise<void>((resolve, reject) => {
      this.open(endpoint, { greeted: resolve, closed: (reason) => reject(new Error(reason)) });
    });
  }

  /** Resets the connection. The backoff restarts, as after a long connection. */
  cut(): void {
    this.isBehind = true;
    this.attempt = 0;
    this.socket?.cut();
  }

  private open(endpoint: Endpoint, on: { greeted: () => void; closed: (reason: string) => void }): void {
    this.isGreeted = false;
    this.socket = openRawSocket(endpoint, {
      opened: () => undefined,
      frame: (opcode, bytes, from, to) => {
        if (opcode !== opcodes.text) return;
        this.take(bytes.toString("utf8", from, to));
        if (this.isGreeted) on.greeted();
      },
      closed: (reason) => {
        on.closed(reason);
        if (this.cursor !== undefined) void this.reconnect();
      },
    });
  }

  private async reconnect(): Promise<void> {
    const ceiling = Math.min(backoff.maxMs, backoff.firstMs * 2 ** this.attempt);
    this.attempt += 1;
    await new Promise((resolve) => setTimeout(resolve, Math.random() * ceiling));
    this.options.attempted();
    this.open(await this.options.requestEndpoint(this.position, this.cursor), { greeted: () => {}, closed: () => {} });
  }

  private take(text: string): void {
    const frame = JSON.parse(text) as Frame;
    const { verdict } = this.options;
    if (frame.type === "welcome") {
      const isFirst = this.cursor === undefined;
      if (!isFirst && frame.data.recovered !== true) verdict.notRecovered += 1;
      this.isGreeted = true;
    }
    if (frame.type === "resync") verdict.resyncs += 1;
    this.cursor = frame.cursor ?? frame.data.cursor ?? this.cursor;
    const mark = frame.cursor === undefined ? undefined : readMark(frame.data.Body ?? "");
    if (mark) this.count(mark);
  }

  private count({ company, number, isMarker }: NonNullable<ReturnType<typeof readMark>>): void {
    const { verdict, caughtUp } = this.options;
    verdict.received += 1;
    if (company !== this.position.company) {
      verdict.foreign += 1;
      return;
    }
    if (number < this.nextNumber) verdict.duplicates += 1;
    else {
      verdict.missing += number - this.nextNumber;
      this.nextNumber = number + 1;
    }
    if (!isMarker || !this.isBehind) return;
    this.isBehind = false;
    caughtUp();
  }
}

interface Frame {
  type: string;
  cursor?: string;
  data: { cursor?: string; recovered?: boolean; Body?: string };
}
