import type { Endpoint } from "../client-pool/commands.ts";
import { opcodes } from "../client-pool/frame-reader.ts";
import { openRawSocket, type RawSocket } from "../client-pool/raw-socket.ts";
import { type ClientPosition, readMark, type Verdict } from "./commands.ts";

/** Of docs/protocol.md, section 7: the delay is a random part of it, and it doubles from try to try. */
const backoff = { firstMs: 500, mostMs: 30_000 };

interface ReturningClientOptions {
  /** Of everybody together. */
  verdict: Verdict;
  /** With a fresh ticket for each attempt. */
  requestEndpoint(position: ClientPosition, since: string | undefined): Promise<Endpoint>;
  attempted(): void;
  /** It has the marker, and so everything before it. */
  caughtUp(): void;
}

/** Comes back by itself as docs/protocol.md says, from its own cursor, and counts what it gets. */
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

  /** Events of its company that it has been told, in command and without a hole unless `verdict` says so. */
  get told(): number {
    return this.nextNumber - 1;
  }

  /** The first visit: resolves when it is greeted, rejects when it is turned away. */
  async join(): Promise<void> {
    const endpoint = await this.options.requestEndpoint(this.position, undefined);
    await new Promise<void>((resolve, reject) => {
      this.open(endpoint, { greeted: resolve, closed: (reason) => reject(new Error(reason)) });
    });
  }

  /** The wire is gone. It counts as one that had been up for long: the first delay is a short one. */
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
        if (this.cursor !== undefined) void this.comeBack();
      },
    });
  }

  private async comeBack(): Promise<void> {
    const ceiling = Math.min(backoff.mostMs, backoff.firstMs * 2 ** this.attempt);
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
      if (!isFirst && frame.data.recovered !== true) verdict.holes += 1;
      this.isGreeted = true;
    }
    if (frame.type === "resync") verdict.holes += 1;
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
    if (number < this.nextNumber) verdict.doubled += 1;
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
