import { createRealtimeClient, type RealtimeClient } from "@syszap/client";
import type { Oracle, Reader } from "@syszap/testing/oracle";
import { WebSocket } from "ws";

type Entry = { id: string } | { gap: string } | { refetch: true };

/** A page with the real client SDK. It records all that it receives, and when it was not connected. */
export class Browser {
  readonly outagesMs: number[] = [];
  private readonly client: RealtimeClient;
  private readonly entries: Entry[] = [];
  private readonly received = new Set<string>();
  private lostAt: number | undefined;
  private wake: () => void = () => undefined;

  constructor(
    private readonly name: string,
    readonly reader: Reader,
    { front, getTicket }: { front: string; getTicket: () => Promise<{ ticket: string; cursor?: string }> },
  ) {
    class WithOrigin extends WebSocket {
      constructor(target: string) {
        super(target, { origin: front });
      }
    }
    this.client = createRealtimeClient({
      url: `${front.replace("http", "ws")}/ws`,
      webSocket: WithOrigin,
      getTicket,
      debug: (message, detail) => {
        if (message === "frame" && (detail as { type: string }).type === "resync") this.entries.push({ gap: "resync" });
      },
    });
    this.client.on("welcome", ({ recovered }) => {
      if (!recovered) this.entries.push({ gap: "not recovered" });
    });
    this.client.on("resync", () => this.entries.push({ refetch: true }));
    this.client.onDurable(({ id }) => {
      this.entries.push({ id });
      this.received.add(id);
      this.wake();
    });
    this.client.onStateChange((state) => this.changed(state));
  }

  /** Number of times that it connected again. */
  get reconnects(): number {
    return this.outagesMs.length;
  }

  async connect(): Promise<void> {
    this.client.connect(this.reader.companyId, this.reader.userId);
    while (this.client.state !== "connected") await this.nextChange();
  }

  /** Resolves when it has these events and is connected. */
  async hasReceived(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const isDone = () => ids.every((id) => this.received.has(id)) && this.client.state === "connected";
    signal.addEventListener("abort", () => this.wake(), { once: true });
    while (!isDone() && !signal.aborted) await this.nextChange();
  }

  disconnect(): void {
    this.client.disconnect();
  }

  /** Hands everything to the oracle. An event is known by its id alone, so its label is looked up. */
  report(oracle: Oracle, labels: ReadonlyMap<string, string>): void {
    const record = oracle.client(this.name, this.reader);
    for (const entry of this.entries) {
      if ("id" in entry) record.received(entry.id, labels.get(entry.id) ?? "unknown");
      else if ("gap" in entry) record.gap(entry.gap);
      else record.refetchRequested();
    }
  }

  private changed(state: string): void {
    if (state === "connected" && this.lostAt !== undefined) {
      this.outagesMs.push(performance.now() - this.lostAt);
      this.lostAt = undefined;
    } else if (state === "reconnecting") this.lostAt ??= performance.now();
    this.wake();
  }

  private nextChange(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.wake;
      this.wake = () => {
        before();
        resolve();
      };
    });
  }
}
