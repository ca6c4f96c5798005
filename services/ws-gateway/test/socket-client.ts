import { WebSocket } from "ws";

export interface ReceivedFrame {
  type: string;
  id?: string;
  seq?: number;
  cursor?: string;
  data: Record<string, unknown>;
}

/** A WebSocket client that keeps all received frames in order, so that tests await frames instead of time. */
export class SocketClient {
  readonly frames: ReceivedFrame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly refused: Promise<{ status: number; headers: Record<string, unknown>; problem: Record<string, unknown> }>;
  private readonly ws: WebSocket;
  private taken = 0;
  private wake: () => void = () => {};
  private end: string | undefined;

  constructor(url: string, headers: Record<string, string>) {
    this.ws = new WebSocket(url, { headers, perMessageDeflate: false });
    this.ws.on("error", () => {});
    this.ws.on("message", (data) => {
      this.frames.push(JSON.parse(data.toString()) as ReceivedFrame);
      this.wake();
    });
    this.closed = new Promise((resolve) =>
      this.ws.once("close", (code, reason) => {
        this.end = `closed with ${code} ${reason}`;
        this.wake();
        resolve({ code, reason: reason.toString() });
      }),
    );
    this.refused = new Promise((resolve) =>
      this.ws.once("unexpected-response", (_, response) => {
        this.end = `refused with ${response.statusCode}`;
        let body = "";
        response.on("data", (chunk: Buffer) => {
          body += chunk.toString();
        });
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, problem: JSON.parse(body) });
          this.wake();
        });
      }),
    );
  }

  /** Returns the next frame of any type. */
  async next(): Promise<ReceivedFrame> {
    for (;;) {
      const frame = this.frames[this.taken];
      if (frame) {
        this.taken += 1;
        return frame;
      }
      if (this.end !== undefined) throw new Error(`no more frames: ${this.end}`);
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** Returns the next frame of this type and skips the frames before it. */
  async nextOf(type: string): Promise<ReceivedFrame> {
    for (;;) {
      const frame = await this.next();
      if (frame.type === type) return frame;
    }
  }

  async welcomed(): Promise<ReceivedFrame> {
    const first = this.frames[0] ?? (await this.next());
    if (first.type !== "welcome") throw new Error(`the first frame is ${first.type}`);
    return first;
  }

  send(frame: object): void {
    this.ws.send(JSON.stringify(frame));
  }

  sendRaw(data: string | Buffer): void {
    this.ws.send(data);
  }

  /** Stops reading, like a frozen tab: pings are not answered either. */
  freeze(): void {
    this.ws.pause();
  }

  thaw(): void {
    this.ws.resume();
  }

  close(): void {
    this.ws.close();
  }
}
