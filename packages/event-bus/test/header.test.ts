import { randomUUID } from "node:crypto";
import type { Audience } from "@syszap/contracts";
import { expect, test } from "vitest";
import { encodeHeader } from "../src/header.ts";
import { parseCursor, splitPayload, toCursor } from "../src/index.ts";

const position = { seq: 9_007_199_254_740, link: "00ff00ff00ff00ff" };
const audiences: Audience[] = [
  { kind: "company" },
  { kind: "user", userId: randomUUID() },
  { kind: "role", roles: ["owner", "admin"] },
];

test.each(audiences)("encodes and decodes a header for the audience $kind", (audience) => {
  const header = { position, prev: "1234567890abcdef", expiresAt: 0, audience };
  const frame = Buffer.from('{"seq":1,"text":"line\\nbreak é"}');
  const split = splitPayload(Buffer.concat([Buffer.from(encodeHeader(header)), frame]));
  expect(split?.header).toEqual(header);
  expect(split?.frame.equals(frame)).toBe(true);
});

test("encodes an ephemeral event without position but with an expiry", () => {
  const header = {
    position: undefined,
    prev: "",
    expiresAt: 1_800_000_000_000,
    audience: { kind: "company" as const },
  };
  expect(splitPayload(Buffer.from(`${encodeHeader(header)}{}`))?.header).toEqual(header);
});

test.each(["", "{}", "2 1 a b 0 c\n{}", "1 1 a b 0 x\n{}", "1 1 a b 0 r:root\n{}", "1 1 a b 0 u:\n{}", "1 1\n{}"])(
  "rejects the invalid payload %j",
  (text) => {
    expect(splitPayload(Buffer.from(text))).toBeUndefined();
  },
);

test("parses its own cursors and nothing else", () => {
  expect(parseCursor(toCursor(position))).toEqual(position);
  for (const foreign of ["", "1", "1.", "1.zz", "-1.00ff00ff00ff00ff", "1.00FF00ff00ff00ff", "1.00ff00ff00ff00ff "])
    expect(parseCursor(foreign)).toBeUndefined();
});
