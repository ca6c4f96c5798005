import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { bodyDeadlineMs, withBodyDeadline } from "../../src/body-deadline.ts";

const mib = 1024 * 1024;

test("derives the deadline from the body length, up to a maximum", () => {
  expect(bodyDeadlineMs(undefined)).toBe(30_000);
  expect(bodyDeadlineMs("200")).toBe(30_003.125);
  // A video over a mobile connection of 1 Mbit/s.
  expect(bodyDeadlineMs(String(100 * mib))).toBeGreaterThan((100 * mib * 8) / 1_000);
  expect(bodyDeadlineMs(String(Number.MAX_SAFE_INTEGER))).toBe(30 * 60_000);
  expect(bodyDeadlineMs("many")).toBe(30_000);
});

async function slowServer(deadlineMs: number) {
  const app = withBodyDeadline(
    (req, res) => {
      req.resume();
      req.once("end", () => setTimeout(() => res.end("complete"), deadlineMs * 2));
    },
    () => deadlineMs,
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
