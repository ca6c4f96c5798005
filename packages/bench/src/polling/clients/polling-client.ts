import type { Page } from "./page.ts";

/** Intervals of the pages that the product replaces. */
const intervalsMs = { qr: 2_000, messages: 5_000, clients: 5_000 };

/** A page that asks for everything at fixed intervals, without waiting for slow answers of other requests. */
export class PollingClient {
  constructor(private readonly page: Page) {}

  async open(): Promise<void> {
    await this.page.readAll();
    repeat(() => this.page.readQr(), intervalsMs.qr);
    repeat(() => this.page.readMessages(), intervalsMs.messages);
    repeat(() => this.page.readClients(), intervalsMs.clients);
  }
}

/** A request that is not answered yet is not repeated. */
function repeat(read: () => Promise<void>, everyMs: number): void {
  let isReading = false;
  setInterval(async () => {
    if (isReading) return;
    isReading = true;
    await read();
    isReading = false;
  }, everyMs);
}
