import { Redis } from "ioredis";
import { WebSocketServer } from "ws";

const companies = new Map();
const redis = new Redis(process.env.REDIS_URL ?? "", { enableReadyCheck: false });
redis.on("message", (channel, text) => {
  for (const socket of companies.get(channel) ?? []) socket.send(text);
});
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("connection", async (socket, req) => {
  const companyId = new URL(req.url ?? "/", "http://peer").searchParams.get("companyId");
  const channel = `plain:${companyId}`;
  const known = companies.get(channel);
  const sockets = known ?? new Set();
  companies.set(channel, sockets);
  if (!known) await redis.subscribe(channel);
  sockets.add(socket);
  socket.send('{"type":"welcome"}');
});
server.on("listening", () => process.send?.({ port: server.address().port }));
process.on("disconnect", () => process.exit(0));
