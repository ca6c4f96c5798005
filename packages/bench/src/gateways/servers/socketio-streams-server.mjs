import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { Redis } from "ioredis";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, {
  adapter: createAdapter(new Redis(process.env.REDIS_URL ?? "")),
  // The purpose of this adapter: clients that reconnect receive the events that they missed.
  connectionStateRecovery: {},
});
io.on("connection", (socket) => {
  void socket.join(String(socket.handshake.query.companyId));
});
http.listen(0, "127.0.0.1", () => process.send?.({ port: http.address().port }));
process.on("disconnect", () => process.exit(0));
