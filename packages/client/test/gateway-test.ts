import { test } from "vitest";
import { WebSocket } from "ws";
import { type ConnectionState, createRealtimeClient, type RealtimeClient, type TicketAnswer } from "../src/index.ts";
import { cursorAt, type ScriptedGateway, startScriptedGateway } from "./scripted-gateway.ts";

export const companyId = "6f7b8d1c-58a5-4f0e-9d1f-0c4f3a0f7a11";
export const userId = "0a4f7a0e-2f0c-4c1b-8a2a-51d94f1a9b22";

type GetTicket = (count: number) => Promise<TicketAnswer> | TicketAnswer;

interface Fixtures {
  gateway: ScriptedGateway;
  /** Creates a client of the gateway. By default its tickets are `t1`, `t2`, … with the cursor of `seq` 100. */
  newClient: (getTicket?: GetTicket) => RealtimeClient;
}

export const gatewayTest = test.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the required fixtures from this pattern
  gateway: async ({}, use) => {
    const gateway = await startScriptedGateway();
    await use(gateway);
    await gateway.close();
  },
  newClient: async ({ gateway }, use) => {
    const clients: RealtimeClient[] = [];
    await use((getTicket = (count) => ({ ticket: `t${count}`, cursor: cursorAt(100) })) => {
      let count = 0;
      const client = createRealtimeClient({
        url: gateway.url,
        webSocket: WebSocket,
        random: () => 0,
        getTicket: async () => {
          count += 1;
          return getTicket(count);
        },
      });
      clients.push(client);
      return client;
    });
    for (const client of clients) client.disconnect();
  },
});

export function untilState(client: RealtimeClient, state: ConnectionState): Promise<void> {
  if (client.state === state) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = client.onStateChange((now) => {
      if (now !== state) return;
      stop();
      resolve();
    });
  });
}

/** Collects message ids in the order of delivery. `until` resolves when an id was delivered. */
export function receivedBy(client: RealtimeClient) {
  const ids: string[] = [];
  const waiting = new Map<string, () => void>();
  client.on("new_message", (data) => {
    ids.push(data.Id);
    waiting.get(data.Id)?.();
  });
  return {
    ids,
    until: (id: string): Promise<void> =>
      ids.includes(id) ? Promise.resolve() : new Promise((resolve) => waiting.set(id, resolve)),
  };
}
