import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  id: string;
  type: string;
  headers: Record<string, string>;
  body: string;
  atMs: number;
}
type Behave = (received: Received, res: ServerResponse) => void;

/** A real receiver on this machine. Answers 204 unless it is told otherwise. */
export class Receiver {
  readonly received: Received[] = [];
  /** Requests that are under way now, and the most there ever were. */
  open = 0;
  mostOpen = 0;
  private behave: Behave = (_received, res) => void res.writeHead(204).end();
  private readonly waiting = new Set<() => void>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async listen(host = "127.0.0.1", port = 0): Promise<Receiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, host, resolve));
    const receiver = new Receiver(server, `http://${host}:${(server.address() as AddressInfo).port}/hook`);
    server.on("request", (req, res) => void receiver.take(req, res));
    return receiver;
  }

  /** From now on. */
  answer(behave: Behave): void {
    this.behave = behave;
  }

  /** Resolves when so many have come, counting repetitions. */
  async count(wanted: number): Promise<Received[]> {
    await this.until(() => this.received.length >= wanted);
    return this.received;
  }

  until(isTrue: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!isTrue()) return;
        this.waiting.delete(look);
        resolve();
      };
      this.waiting.add(look);
      look();
    });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(req: IncomingMessage, res: ServerResponse): Promise<void> {
    this.open++;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    res.on("close", () => this.open--);
    const parts: Buffer[] = [];
    for await (const part of req) parts.push(part);
    const body = Buffer.concat(parts).toString();
    const headers = Object.fromEntries(Object.entries(req.headers).map(([name, value]) => [name, String(value)]));
    const { type } = body === "" ? { type: "" } : JSON.parse(body);
    const received = { id: headers["webhook-id"] ?? "", type, headers, body, atMs: performance.now() };
    this.received.push(received);
    this.behave(received, res);
    for (const look of this.waiting) look();
  }
}
