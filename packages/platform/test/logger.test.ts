import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { createLogger } from "../src/index.ts";

test("redacts credentials at the top level and one level below", () => {
  let lines = "";
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines += chunk;
      done();
    },
  });
  const log = createLogger({ service: "test", level: "info", destination });
  log.info(
    { ticket: "abc-ticket", event: { qrCode: "abc-code", sessionId: "kept" }, password: "abc-password" },
    "seen",
  );
  expect(lines).not.toContain("abc-");
  expect(lines).toContain("kept");
});
