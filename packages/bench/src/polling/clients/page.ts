import { endpoints } from "@syszap/contracts";
import type { ClientIdentity } from "./commands.ts";
import type { Delays } from "./delays.ts";
import type { RestClient } from "./traffic.ts";

interface ShownMessage {
  body: string;
  timestamp: string;
}
interface MessagePage {
  items: ShownMessage[];
}

/** The requests of a page that shows one chat, the clients and the QR code. */
export class Page {
  private readonly paths: Record<"qr" | "messages" | "clients", string>;
  private readonly seen = new Set<string>();

  constructor(
    private readonly rest: RestClient,
    private readonly delays: Delays,
    { sessionId, chatId }: ClientIdentity,
  ) {
    this.paths = {
      qr: endpoints.getSessionQr.path.replace(":id", sessionId),
      messages: endpoints.listMessages.path.replace(":id", chatId),
      clients: endpoints.listClients.path,
    };
  }

  async readQr(): Promise<void> {
    await this.rest.call("GET", this.paths.qr);
  }

  async readClients(): Promise<void> {
    await this.rest.call("GET", this.paths.clients);
  }

  /** Records the delay of each message that the page has not shown before. */
  async readMessages(): Promise<void> {
    const page = (await this.rest.call("GET", this.paths.messages)) as MessagePage | undefined;
    for (const message of page?.items ?? []) this.show(message);
  }

  async readAll(): Promise<void> {
    await Promise.all([this.readQr(), this.readClients(), this.readMessages()]);
  }

  show({ body, timestamp }: ShownMessage): void {
    if (this.seen.has(body)) return;
    this.seen.add(body);
    this.delays.add(body, Date.parse(timestamp));
  }
}
