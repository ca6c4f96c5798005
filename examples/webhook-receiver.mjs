/**
 * Receives webhooks, verifies their signature and prints each event once, as one line of JSON.
 *
 *   WEBHOOK_SECRET=whsec_… PORT=8090 node webhook-receiver.mjs
 */
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const maxBodyLength = 1_000_000;
const webhook = new Webhook(process.env.WEBHOOK_SECRET ?? "");
const seen = new Set(); // in production: a unique key in your database

createServer(async (req, res) => {
  let event;
  try {
    event = webhook.verify(await readText(req), req.headers); // also refuses requests older than five minutes
  } catch {
    res.writeHead(401).end();
    return;
  }
  if (!seen.has(event.id)) console.log(JSON.stringify(event)); // in production: add it to your own queue
  seen.add(event.id);
  res.writeHead(204).end(); // within ten seconds: process the event later
}).listen(Number(process.env.PORT ?? 8090), () => console.error("listening"));

/** Resolves with the received bytes as text: the signature covers them, not a parsed and serialized copy. */
async function readText(req) {
  let body = "";
  for await (const part of req.setEncoding("utf8")) {
    body += part;
    if (body.length > maxBodyLength) throw new Error("the body is too long");
  }
  return body;
}
