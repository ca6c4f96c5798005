import { connect, type NetConnectOpts } from "node:net";
import { endpoints } from "@syszap/contracts";
import { WebSocket } from "ws";
import type { ClientIdentity } from "./commands.ts";
import type { Page } from "./page.ts";
import type { RestClient, Traffic } from "./traffic.ts";

interface Frame {
  type: string;
  data: { Body?: string; Direction?: number; timestamp?: string; recovered?: boolean };
}

/** Reports of the gateway that events may be missing. */
export interface Gaps {
  resyncs: number;
  notRecovered: number;
}

interface SocketClientParts {
  identity: ClientIdentity;
  page: Page;
  rest: RestClient;
  traffic: Traffic;
  gaps: Gaps;
}

/** A page that reads everything once and receives changes over the socket. */
export class SocketClient {
  constructor(private readonly parts: SocketClientParts) {}

  /** Resolves after the welcome; rejects when the gateway refuses the connection. */
  async open(): Promise<void> {
    const { identity, page, rest } = this.parts;
    const answer = (await rest.call("POST", endpoints.createRealtimeTicket.path)) as
      | { ticket: string; cursor: string }
      | undefined;
    if (!answer) throw new Error("The REST API issued no ticket.");
    await page.readAll();
    const { companyId, userId } = identity;
    await this.connect(new URLSearchParams({ companyId, userId, ticket: answer.ticket, since: answer.cursor }));
  }

  private async connect(query: URLSearchParams): Promise<void> {
    const { identity, traffic } = this.parts;
    traffic.requests += 1;
    const socket = new WebSocket(`ws://127.0.0.1:${identity.gatewayPort}/ws?${query}`, {
      headers: { origin: identity.origin, "x-forwarded-for": identity.address },
      createConnection: (options: object) => traffic.count(connect(options as NetConnectOpts)),
    });
    const welcomed = new Promise((resolve, reject) => socket.once("message", resolve).once("error", reject));
    socket.on("message", (text: Buffer) => this.take(JSON.parse(text.toString()) as Frame));
    await welcomed;
  }

  private take({ type, data }: Frame): void {
    const { page, gaps } = this.parts;
    if (type === "resync") gaps.resyncs += 1;
    if (type === "welcome" && data.recovered !== true) gaps.notRecovered += 1;
    if (type !== "new_message" || data.Body === undefined || data.timestamp === undefined) return;
    page.show({ body: data.Body, timestamp: data.timestamp });
  }
}
