import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  id: string;
  type: string;
  headers: Record<string, string>;
  body: string;
  atMs: number;
}
type Behavior = (received: Received, res: ServerResponse) => void;

/** A real HTTP receiver on a loopback address. Answers 204 by default. */
export class Receiver {
  readonly received: Received[] = [];
  /** Requests in progress. */
  open = 0;
  /** Highest number of concurrent requests so far. */
  maxOpen = 0;
  private behavior: Behavior = (_received, res) => void res.writeHead(204).end();
  private readonly waiting = new Set<() => void>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async listen(host = "127.0.0.1", port = 0): Promise<Receiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, host, resolve));
    const receiver = new Receiver(server, `http://${host}:${(server.address() as AddressInfo).port}/hook`);
    server.on("request", (req, res) => void receiver.receive(req, res));
    return receiver;
  }

  /** Sets the behaviour for all further requests. */
  answer(behavior: Behavior): void {
    this.behavior = behavior;
  }

  /** Resolves when `wanted` requests have arrived, retries included. */
  async count(wanted: number): Promise<Received[]> {
    await this.until(() => this.received.length >= wanted);
    return this.received;
  }

  until(isTrue: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!isTrue()) return;
        this.waiting.delete(check);
        resolve();
      };
      this.waiting.add(check);
      check();
    });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async receive(req: IncomingMessage, res: ServerResponse): Promise<void> {
    this.open++;
    this.maxOpen = Math.max(this.maxOpen, this.open);
    res.on("close", () => this.open--);
    const parts: Buffer[] = [];
    for await (const part of req) parts.push(part);
    const body = Buffer.concat(parts).toString();
    const headers = Object.fromEntries(Object.entries(req.headers).map(([name, value]) => [name, String(value)]));
    const { type } = body === "" ? { type: "" } : JSON.parse(body);
    const received = { id: headers["webhook-id"] ?? "", type, headers, body, atMs: performance.now() };
    this.received.push(received);
    this.behavior(received, res);
    for (const check of this.waiting) check();
  }
}
