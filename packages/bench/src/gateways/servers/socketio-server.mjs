import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import { Server } from "socket.io";

const redisUrl = process.env.REDIS_URL ?? "";
const http = createServer();
const io = new Server(http, { adapter: createAdapter(new Redis(redisUrl), new Redis(redisUrl)) });
io.on("connection", (socket) => {
  void socket.join(String(socket.handshake.query.companyId));
});
http.listen(0, "127.0.0.1", () => process.send?.({ port: http.address().port }));
process.on("disconnect", () => process.exit(0));
