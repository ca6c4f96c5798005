import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { catalog } from "@syszap/contracts";
import { exampleEvent, redisTest } from "@syszap/testing";
import fc from "fast-check";
import { expect } from "vitest";
import { origin, person, runGateway, type TestGateway, ticketFor } from "../gateway-fixture.ts";
import { openRaw, rawFrame, readAll, upgradeRaw } from "../raw-socket.ts";

const [continuation, text, binary, ping] = [0, 1, 2, 9];
const attempts = 150;
const generousLimits = { connectionsPerAddress: 5_000, upgradeBurst: 5_000 };

/** A client of another company, which must receive its events during every attack. */
async function bystanderOf(gateway: TestGateway) {
  const who = person();
  const client = await gateway.client(who);
  return {
    receivesEvents: async () => {
      const event = exampleEvent(catalog.new_message, { data: { Body: randomUUID() } });
      await gateway.publisher.publishDurable(who.companyId, [event]);
      expect((await client.next()).id).toBe(event.id);
    },
  };
}

async function upgraded(gateway: TestGateway): Promise<Socket> {
  const socket = await openRaw(gateway.port);
  const ticket = await ticketFor(person());
  expect(await upgradeRaw(socket, `/ws?ticket=${ticket}`, { origin })).toBe(101);
  return socket;
}

/** Returns the code of the close frame in the gateway's output, or undefined when there is none. */
function closeCodeIn(written: Buffer): number | undefined {
  for (let at = 0; at + 2 <= written.length; ) {
    const length = written.readUInt8(at + 1);
    const header = length === 126 ? 4 : 2;
    const size = length === 126 ? written.readUInt16BE(at + 2) : length;
    if ((written.readUInt8(at) & 0x0f) === 8) return written.readUInt16BE(at + header);
    at += header + size;
  }
  return undefined;
}

redisTest(
  "random bytes instead of frames close that connection only",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl, limits: { ...generousLimits, closeGraceMs: 100 } });
    const bystander = await bystanderOf(gateway);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 4_000 }), async (bytes) => {
        const socket = await upgraded(gateway);
        const written = readAll(socket);
        socket.end(bytes);
        // Only the welcome and perhaps an error frame: random bytes must not trigger any other output.
        expect((await written).length).toBeLessThan(2_000);
      }),
      { numRuns: attempts },
    );
    await bystander.receivesEvents();
  },
  60_000,
);

const protocolError = 1002;
const shapes: Record<string, Buffer> = {
  "a frame without a mask": rawFrame({ opcode: text, payload: Buffer.from("{}"), isMasked: false }),
  "reserved bits": rawFrame({ opcode: text, payload: Buffer.from("{}"), reservedBits: 4 }),
  "an undefined opcode": rawFrame({ opcode: 5, payload: Buffer.from("{}") }),
  "a continuation without a first fragment": rawFrame({ opcode: continuation, payload: Buffer.from("{}") }),
  "a ping in fragments": rawFrame({ opcode: ping, payload: Buffer.from("x"), isFinal: false }),
  "a ping that is too long": rawFrame({ opcode: ping, payload: Buffer.alloc(200) }),
  "a frame of four exabytes": rawFrame({ opcode: text, payload: Buffer.from("x"), declaredLength: 1n << 62n }),
  "a frame of four gigabytes": rawFrame({ opcode: binary, payload: Buffer.alloc(64), declaredLength: 1n << 32n }),
  "text that is not UTF-8": rawFrame({ opcode: text, payload: Buffer.from([0x22, 0xc3, 0x28, 0x22]) }),
  "fragments above the size limit in total": Buffer.concat([
    rawFrame({ opcode: text, payload: Buffer.alloc(10_000, 0x20), isFinal: false }),
    rawFrame({ opcode: continuation, payload: Buffer.alloc(10_000, 0x20) }),
  ]),
  "fragments without end": Buffer.concat([
    rawFrame({ opcode: text, payload: Buffer.from("["), isFinal: false }),
    ...Array.from({ length: 100 }, () => rawFrame({ opcode: continuation, payload: Buffer.alloc(0), isFinal: false })),
  ]),
};
redisTest.for(Object.keys(shapes))("%s closes that connection only", async (name, { redisUrl }) => {
  const gateway = await runGateway({ redisUrl, limits: { ...generousLimits, closeGraceMs: 100 } });
  const bystander = await bystanderOf(gateway);
  const socket = await upgraded(gateway);
  const written = readAll(socket);
  socket.write(shapes[name] ?? Buffer.alloc(0));
  expect([protocolError, 4400, 4413]).toContain(closeCodeIn(await written));
  await bystander.receivesEvents();
});

redisTest(
  "answers JSON of any wrong shape with an error and never acts on it",
  async ({ redisUrl }) => {
    const gateway = await runGateway({
      redisUrl,
      limits: { ...generousLimits, unknownFrames: 100_000, frameBurst: 100_000 },
    });
    const [bystander, who] = [await bystanderOf(gateway), person()];
    const client = await gateway.client(who);
    const frameLike = fc.record({
      type: fc.constantFrom("typing", "refresh", "welcome", "subscribe", ""),
      data: fc.jsonValue(),
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), frameLike), async (value) => {
        client.sendRaw(JSON.stringify(value));
        const answer = await client.next();
        expect(["error", "pong"]).toContain(answer.type);
      }),
      { numRuns: attempts * 4 },
    );
    expect(gateway.getWebSocketStats(who.companyId).totalConnections).toBe(1);
    await bystander.receivesEvents();
  },
  60_000,
);

redisTest(
  "100,000 small frames neither grow memory nor disturb other clients",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl, limits: { ...generousLimits, closeGraceMs: 100 } });
    const bystander = await bystanderOf(gateway);
    const pings = Buffer.concat(
      Array.from({ length: 1_000 }, () => rawFrame({ opcode: text, payload: Buffer.from('{"type":"ping"}') })),
    );
    const controls = Buffer.concat(
      Array.from({ length: 1_000 }, () => rawFrame({ opcode: ping, payload: Buffer.alloc(0) })),
    );
    await flood(gateway, pings, 5);
    const before = heapBytes();
    await flood(gateway, pings, 50);
    await flood(gateway, controls, 50);
    await bystander.receivesEvents();
    expect(heapBytes() - before).toBeLessThan(8 * 1024 * 1024);
  },
  60_000,
);

/** Sends the same bytes on `times` successive connections. */
async function flood(gateway: TestGateway, bytes: Buffer, times: number): Promise<void> {
  for (let round = 0; round < times; round++) {
    const socket = await upgraded(gateway);
    const ended = readAll(socket, 2_000);
    socket.end(bytes);
    await ended;
  }
}

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");
function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

redisTest(
  "refuses every handshake without a credential",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl, limits: generousLimits });
    const bystander = await bystanderOf(gateway);
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,30}$/);
    const value = fc.string({ maxLength: 300 }).map((raw) => raw.replaceAll(/[\r\n\0]/g, " "));
    const query = fc.webQueryParameters();
    const known = fc.constantFrom("ticket", "since", "companyId", "userId");
    const handshake = fc.record({
      method: fc.constantFrom("GET", "POST", "OPTIONS", "CONNECT", "BREW"),
      path: fc.oneof(
        query.map((text) => `/ws?${text}`),
        fc.webPath(),
        fc.constant("//"),
        fc.constant("*"),
      ),
      parameter: fc.tuple(known, value),
      headers: fc.array(fc.tuple(name, value), { maxLength: 30 }),
      isUpgrade: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(handshake, async ({ method, path, parameter: [key, text], headers, isUpgrade }) => {
        const socket = await openRaw(gateway.port);
        const answer = readAll(socket, 2_000);
        const target = path.includes("?") ? `${path}&${key}=${encodeURIComponent(text.toWellFormed())}` : path;
        const upgrade = [
          "Connection: Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        ];
        const lines = [...headers.map((header) => header.join(": ")), ...(isUpgrade ? upgrade : ["Connection: close"])];
        socket.end(
          [`${method} ${target} HTTP/1.1`, "Host: gateway", `Origin: ${origin}`, ...lines, "", ""].join("\r\n"),
        );
        const status = /^HTTP\/1\.1 (\d{3})/.exec((await answer).toString("latin1"))?.[1];
        expect(status).not.toBe("101");
      }),
      { numRuns: attempts },
    );
    await bystander.receivesEvents();
  },
  120_000,
);
