import { once } from "node:events";
import { createServer, type RequestListener, request } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { bodyDeadlineMs, withBodyDeadline } from "../../src/body-deadline.ts";
import { bodyLimitOf } from "../../src/body-limit.ts";
import { startServer } from "../../src/server.ts";
import { test as apiTest } from "../support/api-test.ts";

const mib = 1024 * 1024;

test("derives the deadline from the body length, up to the limit of the endpoint", () => {
  expect(bodyDeadlineMs(undefined, mib)).toBe(30_000);
  expect(bodyDeadlineMs("200", mib)).toBe(30_003.125);
  // A video over a mobile connection of 1 Mbit/s.
  expect(bodyDeadlineMs(String(100 * mib), 100 * mib)).toBeGreaterThan((100 * mib * 8) / 1_000);
  expect(bodyDeadlineMs(String(Number.MAX_SAFE_INTEGER), mib)).toBe(30_000 + mib / 64);
  expect(bodyDeadlineMs("many", mib)).toBe(30_000);
});

test("allows large bodies on the upload endpoint only", () => {
  for (const url of ["/v1/media", "/v1/media?fileName=a.pdf", "/V1/Media/"])
    expect(bodyLimitOf({ method: "POST", url })).toBe(100 * mib);
  for (const [method, url] of [
    ["POST", "/v1/auth/login"],
    ["POST", "/v1/operator/login"],
    ["POST", "/v1/mediathek"],
    ["GET", "/v1/media"],
    ["POST", "/unknown?/v1/media"],
  ])
    expect(bodyLimitOf({ method, url })).toBe(mib / 2);
});

for (const [path, length] of [
  ["/v1/auth/login", mib],
  ["/v1/operator/login", 2 ** 40],
  ["/v1/media", 101 * mib],
  ["/v1/nothing", mib],
] as const)
  apiTest(`answers 413 from the Content-Length of ${path} without waiting for the body`, async ({ api }) => {
    const { port, close } = await startServer(api.app, { host: "127.0.0.1", port: 0 });
    onTestFinished(close);
    const headers = { "Content-Length": length, "Content-Type": "application/json" };
    const sending = request({ port, host: "127.0.0.1", method: "POST", path, headers });
    sending.on("error", () => undefined);
    sending.write("{");
    const [answer] = await once(sending, "response");
    expect(answer.statusCode).toBe(413);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    sending.destroy();
  });

test("closes the connection when the rest of a body does not arrive after the response", async () => {
  const answer401: RequestListener = (_req, res) => void res.writeHead(401).end();
  const app = withBodyDeadline(answer401, { deadlineMs: () => 600_000, lingerMs: 40 });
  // Without Node's own timeout for idle connections, only the deadline under test can close this one.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, app);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const sending = post((server.address() as AddressInfo).port, 1_000);
  sending.on("error", () => undefined); // The server closes the connection before the body is complete.
  sending.write("a");
  const [answer] = await once(sending, "response");
  expect(answer.statusCode).toBe(401);
  answer.resume();
  await once(answer.socket, "close");
});

async function slowServer(deadlineMs: number) {
  const app = withBodyDeadline(
    (req, res) => {
      req.resume();
      req.once("end", () => setTimeout(() => res.end("complete"), deadlineMs * 2));
    },
    { deadlineMs: () => deadlineMs, lingerMs: deadlineMs },
  );
  const server = createServer({ requestTimeout: 0 }, app);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}
const post = (port: number, length: number) =>
  request({ port, host: "127.0.0.1", method: "POST", headers: { "Content-Length": length } });

test("answers 408 and closes the connection when the body stalls", async () => {
  const sending = post(await slowServer(40), 2);
  sending.on("error", () => undefined); // The server closes the connection before the body is complete.
  sending.write("a");
  const [answer] = await once(sending, "response");
  expect(answer.statusCode).toBe(408);
  expect(answer.headers.connection).toBe("close");
  await once(answer.resume(), "close");
});

test("allows a response that takes longer than the deadline for the body", async () => {
  const sending = post(await slowServer(40), 2);
  sending.end("ab");
  const [answer] = await once(sending, "response");
  expect(answer.statusCode).toBe(200);
  answer.resume();
});
