import { createHash } from "node:crypto";
import { createServer } from "node:http";

/**
 * Reference for the costs of delivering: accepts WebSockets and, on command, writes frames to all of them, several frames with
 * one gathered write, as fast as the readers take them. No Redis, no JSON, no checks.
 */
const acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const sockets = new Set();
const server = createServer();
server.on("upgrade", (req, socket) => {
  const accept = createHash("sha1").update(`${req.headers["sec-websocket-key"]}${acceptSuffix}`).digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  sockets.add(socket);
  socket.on("error", () => socket.destroy());
  socket.on("close", () => sockets.delete(socket));
});

/** A text frame of `bytes` bytes in total, with a 16-bit length. */
function frameOf(bytes) {
  const header = Buffer.from([0x81, 126, 0, 0]);
  header.writeUInt16BE(bytes, 2);
  return Buffer.concat([header, Buffer.alloc(bytes, "x")]);
}

/** Resolves when the kernel has taken the frames. */
const writeGathered = (socket, frames) =>
  new Promise((resolve) => {
    socket.cork();
    for (const frame of frames.slice(0, -1)) socket.write(frame);
    socket.write(frames.at(-1), resolve);
    socket.uncork();
  });

process.on("message", async ({ frameBytes, framesPerWrite, forMs }) => {
  const frames = Array.from({ length: framesPerWrite }, () => frameOf(frameBytes));
  let deliveries = 0;
  const before = process.cpuUsage();
  for (const startedAt = performance.now(); performance.now() - startedAt < forMs; ) {
    await Promise.all([...sockets].map((socket) => writeGathered(socket, frames)));
    deliveries += sockets.size * framesPerWrite;
  }
  const { user, system } = process.cpuUsage(before);
  process.send?.({ deliveries, cpuMicroseconds: user + system });
});
process.on("disconnect", () => process.exit(0));
server.listen(0, "127.0.0.1", () => process.send?.({ port: server.address().port }));
