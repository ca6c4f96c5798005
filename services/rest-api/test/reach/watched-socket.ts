import { randomInt } from "node:crypto";
import type { Cursor } from "@syszap/contracts";
import { WebSocket } from "ws";
import { allowedOrigin } from "../support/api-test.ts";
import type { Bearer, Person } from "./company.ts";

interface Frame {
  type: string;
  seq?: number;
  cursor?: Cursor;
  data: { recovered?: boolean; cursor?: Cursor };
}
export type Credentials = { ticket: string } | { key: Bearer };

/** Each socket has its own network address, because the limits per address stay enabled. */
const newAddress = () => `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`;

/** A connection to a gateway that keeps the positions of all durable events that it received. */
export class WatchedSocket {
  readonly received: number[] = [];
  /** Every event after this position that its person may see must be received. */
  from = 0;
  cursor: Cursor | undefined;
  isRecovered = false;
  /** True if it belongs to the API key of the person. */
  readonly isKey: boolean;
  /** Close code, or the status of a refused request; undefined while it is open. */
  endedWith: number | undefined;
  private readonly ws: WebSocket;
  private isWelcomed = false;
  private listeners: (() => void)[] = [];

  constructor(
    url: string,
    readonly person: Person,
    credentials: Credentials,
    since?: Cursor,
  ) {
    const isKey = "key" in credentials;
    const query = new URLSearchParams({ ...(isKey ? {} : credentials), ...(since !== undefined && { since }) });
    const headers = { "X-Forwarded-For": newAddress(), ...(isKey ? credentials.key : { Origin: allowedOrigin }) };
    this.isKey = isKey;
    this.ws = new WebSocket(`${url.replace("http", "ws")}/ws?${query}`, { headers, perMessageDeflate: false });
    this.ws.on("error", () => undefined);
    this.ws.on("message", (data) => this.receive(JSON.parse(data.toString())));
    this.ws.once("close", (code) => this.end(code));
    this.ws.once("unexpected-response", (request, response) => {
      this.end(response.statusCode ?? 0);
      request.destroy();
    });
  }

  /** Resolves at the welcome, or when the connection was refused or ended before. */
  admitted(): Promise<void> {
    return this.until(() => this.isWelcomed);
  }

  /** Resolves when it received the event at the position, or ended. */
  reached(seq: number): Promise<void> {
    return this.until(() => (this.received.at(-1) ?? 0) >= seq);
  }

  ended(): Promise<void> {
    return this.until(() => false);
  }

  close(): Promise<void> {
    this.ws.close();
    return this.ended();
  }

  private receive({ type, seq, cursor, data }: Frame): void {
    if (type === "welcome") {
      this.isWelcomed = true;
      this.isRecovered = data.recovered === true;
      this.cursor = data.cursor;
    }
    if (type === "resync") throw new Error("a gateway lost events");
    if (seq !== undefined) {
      this.received.push(seq);
      this.cursor = cursor;
    }
    this.notify();
  }

  private end(code: number): void {
    this.endedWith ??= code;
    this.notify();
  }

  private async until(isReached: () => boolean): Promise<void> {
    while (!isReached() && this.endedWith === undefined)
      await new Promise<void>((resolve) => this.listeners.push(resolve));
  }

  private notify(): void {
    for (const listener of this.listeners.splice(0)) listener();
  }
}
