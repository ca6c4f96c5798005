import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { nextEvent } from "../../load/event.ts";
import type { OpenHop } from "./hop.ts";

/** From `send` of a plain WebSocket server until the client has parsed the frame. */
export const openSocketHop: OpenHop = async () => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  await once(server, "listening");
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [[socket]] = (await Promise.all([once(server, "connection"), once(client, "open")])) as [[WebSocket], unknown];
  const waiting: (() => void)[] = [];
  client.on("message", (text: Buffer) => {
    JSON.parse(text.toString());
    waiting.shift()?.();
  });
  return {
    pass: () => {
      const received = new Promise<void>((resolve) => waiting.push(resolve));
      socket.send(JSON.stringify(nextEvent()));
      return received;
    },
    close: async () => {
      client.terminate();
      server.close();
    },
  };
};
