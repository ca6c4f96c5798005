import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Another system's endpoint. Counts how often each event arrives. */
export class WebhookReceiver {
  readonly arrivals = new Map<string, number>();
  private readonly server = createServer((req, res) => {
    const id = String(req.headers["webhook-id"]);
    req.resume().once("end", () => {
      this.arrivals.set(id, (this.arrivals.get(id) ?? 0) + 1);
      res.writeHead(204).end();
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  /** One sentence for each event that did not arrive once. */
  violations(expected: readonly string[]): string[] {
    return expected.flatMap((id) => {
      const times = this.arrivals.get(id) ?? 0;
      return times === 1 ? [] : [`webhook: event ${id} came ${times} times`];
    });
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
