/**
 * Prints each event of a company as one line of JSON. Events arrive once and in order, also after lost connections.
 *
 *   SYSZAP_URL=https://inbox.example.com SYSZAP_KEY=syszap_… node socket-consumer.mjs
 *
 * The API key needs the scope `read`.
 */
import { createRealtimeClient, TicketError } from "@syszap/client";
import { WebSocket } from "ws";

const { SYSZAP_URL, SYSZAP_KEY } = process.env;
if (!SYSZAP_URL || !SYSZAP_KEY) throw new Error("Set SYSZAP_URL and SYSZAP_KEY.");

const client = createRealtimeClient({
  url: new URL("/ws", SYSZAP_URL).href,
  webSocket: WebSocket, // not needed from Node 22 on
  async getTicket({ signal }) {
    const answer = await fetch(new URL("/v1/realtime/ticket", SYSZAP_URL), {
      method: "POST",
      headers: { authorization: `Bearer ${SYSZAP_KEY}` },
      signal,
    });
    if (answer.ok) return answer.json();
    throw new TicketError(answer.status, Number(answer.headers.get("retry-after") ?? 0) * 1_000);
  },
});

client.onDurable(({ type, id, data }) => console.log(JSON.stringify({ type, id, data })));
client.on("resync", ({ reason }) => console.error(`Events may be missing (${reason}): read the data again by REST.`));
client.on("connect_error", ({ step, message }) => console.error(`Cannot connect (${step}): ${message}`));
client.onStateChange((state) => {
  console.error(state);
  // The key was revoked or has expired, or it lacks the scope.
  if (state === "signed_out" || state === "stopped") process.exitCode = 1;
});
client.connect();

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => client.disconnect());
