import { createRealtimeClient, type RealtimeClient } from "@syszap/client";
import type { ClientRecord } from "@syszap/testing/oracle";
import type { TokenIssuer } from "@syszap/testing/servers";
import { WebSocket } from "ws";

const origin = "http://chaos.localhost";

interface TestClientOptions {
  record: ClientRecord;
  /** URL of a gateway or of the load balancer. */
  url: string;
  /** Value of X-Forwarded-For, because the gateway's limits per address stay enabled. */
  address: string;
  issuer: TokenIssuer;
  /** Reads the current cursor of the company's log, for the first ticket. */
  head: () => Promise<string>;
}

/** The real client SDK. Everything it receives is recorded for the oracle. */
export class TestClient {
  private readonly client: RealtimeClient;
  private readonly record: ClientRecord;
  private readonly receivedIds = new Set<string>();
  private hasTicket = false;
  private waiting: { isMet: () => boolean; resolve: () => void }[] = [];

  constructor({ record, url, address, issuer, head }: TestClientOptions) {
    this.record = record;
    class FromAddress extends WebSocket {
      constructor(target: string) {
        super(target, { origin, headers: { "x-forwarded-for": address } });
      }
    }
    this.client = createRealtimeClient({
      url,
      webSocket: FromAddress,
      getTicket: async () => {
        const cursor = this.hasTicket ? {} : { cursor: await head() };
        this.hasTicket = true;
        return { ticket: await issuer.ticketFor(record.reader), ...cursor };
      },
      debug: (message, detail) => {
        if (message === "frame" && (detail as { type: string }).type === "resync") record.gap("resync");
      },
    });
    this.client.on("welcome", ({ recovered }) => {
      if (!recovered) record.gap("not recovered");
    });
    this.client.on("resync", () => record.refetchRequested());
    this.client.onDurable(({ id, data }) => {
      record.received(id, "Reason" in data ? String(data.Reason).trimEnd() : "");
      this.receivedIds.add(id);
      this.wake();
    });
    this.client.onStateChange(() => this.wake());
  }

  get companyId(): string {
    return this.record.reader.companyId;
  }

  get gapCount(): number {
    return this.record.gapCount;
  }

  async connect(): Promise<void> {
    const { companyId, userId } = this.record.reader;
    this.client.connect(companyId, userId);
    await this.until(() => this.client.state === "connected");
  }

  /** Resolves when the event arrived, or at once if the client received a gap notice, since the event may be part of the gap. */
  async received(eventId: string): Promise<void> {
    await this.until(() => this.receivedIds.has(eventId) || this.gapCount > 0);
  }

  /** Disconnects. Events that are published meanwhile must be delivered after `connect`. */
  disconnect(): void {
    this.client.disconnect();
  }

  private until(isMet: () => boolean): Promise<void> {
    if (isMet()) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ isMet, resolve }));
  }

  private wake(): void {
    this.waiting = this.waiting.filter(({ isMet, resolve }) => {
      if (!isMet()) return true;
      resolve();
      return false;
    });
  }
}
