import { Redis } from "ioredis";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { WebSocketServer } from "ws";

/**
 * Plain `ws` with the same check of tickets as our gateway (signature, revoked login, single use). Clients that return receive
 * the events after `since` from an array in this process. No limits, no log, no other instance.
 */
const { REDIS_URL = "", TOKEN_KEY_SET_URL = "", TOKEN_ISSUER = "", TICKET_AUDIENCE = "" } = process.env;
const keptEvents = 1_000;
const usedTicketSeconds = 60;
const keySet = createRemoteJWKSet(new URL(TOKEN_KEY_SET_URL));
const [subscriber, commands] = [new Redis(REDIS_URL, { enableReadyCheck: false }), new Redis(REDIS_URL)];
const companies = new Map();

function companyOf(id) {
  const known = companies.get(id);
  if (known) return known;
  const company = { sockets: new Set(), events: [], last: 0, isSubscribed: subscriber.subscribe(`plain:${id}`) };
  companies.set(id, company);
  return company;
}

subscriber.on("message", (channel, text) => {
  const company = companies.get(channel.slice("plain:".length));
  if (!company) return;
  company.last += 1;
  const frame = `${text.slice(0, -1)},"cursor":"${company.last}"}`;
  company.events.push({ number: company.last, frame });
  if (company.events.length > keptEvents) company.events.shift();
  for (const socket of company.sockets) socket.send(frame);
});

async function verify(ticket) {
  const rules = {
    algorithms: ["EdDSA"],
    issuer: TOKEN_ISSUER,
    audience: TICKET_AUDIENCE,
    requiredClaims: ["exp", "sub"],
  };
  const { payload } = await jwtVerify(ticket, keySet, rules);
  if ((await commands.exists(`plain:revoked:${payload.lid}`)) === 1) throw new Error("revoked");
  const isFirstUse = await commands.set(`plain:ticket:${payload.jti}`, "1", "EX", usedTicketSeconds, "NX");
  if (isFirstUse === null) throw new Error("used");
  return payload.cid;
}

function welcome(socket, companyId, since) {
  const { sockets, events, last } = companyOf(companyId);
  socket.send(JSON.stringify({ type: "welcome", data: { recovered: true, cursor: String(last) } }));
  if (since !== null) for (const { number, frame } of events) if (number > Number(since)) socket.send(frame);
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
}

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  perMessageDeflate: false,
  verifyClient: ({ req }, answer) => {
    const query = new URL(req.url ?? "/", "http://peer").searchParams;
    verify(query.get("ticket") ?? "")
      .then(async (companyId) => {
        req.companyId = companyId;
        await companyOf(companyId).isSubscribed;
        answer(true);
      })
      .catch(() => answer(false, 401));
  },
});
server.on("connection", (socket, req) => {
  socket.on("error", () => socket.terminate());
  welcome(socket, req.companyId, new URL(req.url ?? "/", "http://peer").searchParams.get("since"));
});
server.on("listening", () => process.send?.({ port: server.address().port }));
process.on("disconnect", () => process.exit(0));
