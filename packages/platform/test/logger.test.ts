import { hostname } from "node:os";
import { Writable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { createLogger, withLogContext } from "../src/index.ts";

function recordingLogger() {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { log: createLogger({ service: "test", level: "info", destination }), lines };
}

test("redacts credentials at the top level and one level below", () => {
  const { log, lines } = recordingLogger();
  log.info(
    { ticket: "abc-ticket", event: { qrCode: "abc-code", sessionId: "kept" }, password: "abc-password" },
    "seen",
  );
  expect(lines.join()).not.toContain("abc-");
  expect(lines.join()).toContain("kept");
});

test("names the process in each line", () => {
  const { log, lines } = recordingLogger();
  log.info("started");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    service: "test",
    version: "unknown",
    instance: hostname(),
    pid: process.pid,
    msg: "started",
  });
});

test("names the request in each line of its work, also after waiting, and in no other line", async () => {
  const { log, lines } = recordingLogger();
  const work = async (requestId: string) => {
    log.info(`${requestId} begins`);
    await setImmediate();
    log.child({ part: "child" }).info(`${requestId} ends`);
  };
  await Promise.all(["a", "b"].map((requestId) => withLogContext({ requestId }, () => work(requestId))));
  log.info("outside");
  expect(lines.map((line) => JSON.parse(line)).map(({ msg, requestId }) => [msg, requestId])).toEqual([
    ["a begins", "a"],
    ["b begins", "b"],
    ["a ends", "a"],
    ["b ends", "b"],
    ["outside", undefined],
  ]);
});
