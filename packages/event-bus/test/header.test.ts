import { randomUUID } from "node:crypto";
import { type Audience, maxReachTeams, maxReachUsers } from "@syszap/contracts";
import { expect, test } from "vitest";
import { encodeAudience } from "../src/audience-codec.ts";
import { encodeAddress, encodeHeader } from "../src/header.ts";
import { parseCursor, splitPayload, toCursor } from "../src/index.ts";

const position = { seq: 9_007_199_254_740, link: "00ff00ff00ff00ff" };
const audiences: Audience[] = [
  { kind: "company" },
  { kind: "user", userId: randomUUID() },
  { kind: "role", roles: ["owner", "admin"] },
  { kind: "reach", teams: [], users: [] },
  { kind: "reach", teams: [randomUUID(), randomUUID()], users: [] },
  { kind: "reach", teams: [], users: [randomUUID()], except: { teams: [randomUUID()], users: [] } },
];

test.each(audiences)("encodes and decodes a header for the audience $kind", (audience) => {
  const header = { position, prev: "1234567890abcdef", expiresAt: 0, audience, isAccessChange: false };
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
    isAccessChange: false,
  };
  expect(splitPayload(Buffer.from(`${encodeHeader(header)}{}`))?.header).toEqual(header);
});

test("the longest audience fits into a header, and a longer one is refused before it is published", () => {
  const ids = (count: number) => Array.from({ length: count }, () => randomUUID());
  const lists = { teams: ids(maxReachTeams), users: ids(maxReachUsers) };
  const longest: Audience = {
    kind: "reach",
    ...lists,
    except: { teams: ids(maxReachTeams), users: ids(maxReachUsers) },
  };
  const header = { position, prev: "1234567890abcdef", expiresAt: 0, audience: longest, isAccessChange: false };
  expect(splitPayload(Buffer.from(`${encodeHeader(header)}{}`))?.header.audience).toEqual(longest);
  const tooLong: Audience = { kind: "reach", teams: ids(maxReachTeams + 1), users: [] };
  expect(() => encodeHeader({ ...header, audience: tooLong })).toThrow(RangeError);
});

test("an access change is marked after the audience, where a gateway of an earlier release ignores the mark", () => {
  const audience: Audience = { kind: "user", userId: randomUUID() };
  const line = encodeHeader({ position, prev: "1234567890abcdef", expiresAt: 0, audience, isAccessChange: true });
  expect(line.trimEnd().split(" ").slice(5)).toEqual([`u:${audience.userId}`, "x"]);
  expect(splitPayload(Buffer.from(`${line}{}`))?.header.isAccessChange).toBe(true);
});

test("the time of emission follows the mark, and the time of a message is not taken for it", () => {
  const audience: Audience = { kind: "company" };
  const data = { timestamp: "2026-01-01T12:00:00.000Z" };
  const emittedAtMs = Date.parse(data.timestamp);
  expect(encodeAddress({ type: "chat_update", audience, data })).toBe(`c - ${emittedAtMs}`);
  expect(encodeAddress({ type: "access_changed", audience, data })).toBe(`c x ${emittedAtMs}`);
  expect(encodeAddress({ type: "new_message", audience, data })).toBe("c");
  for (const isAccessChange of [true, false]) {
    const header = { position, prev: "1234567890abcdef", expiresAt: 0, audience, isAccessChange, emittedAtMs };
    expect(splitPayload(Buffer.from(`${encodeHeader(header)}{}`))?.header).toEqual(header);
  }
});

test("a gateway of an earlier release does not know the audience `reach`, so that it drops the publication", () => {
  for (const audience of audiences.filter(({ kind }) => kind === "reach"))
    expect(encodeAudience(audience)).not.toMatch(/^(c$|u:|r:)/);
});

const id = "A".repeat(22);
test.each([`x:${id}`, `x:${id},${id},${id}`, "x:A,", `x:${id.repeat(51)},`, `x:${"!".repeat(22)},`, "x:,,,,"])(
  "rejects the invalid audience %j",
  (text) => {
    expect(splitPayload(Buffer.from(`1 1 a b 0 ${text}\n{}`))).toBeUndefined();
  },
);

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
