import { expect, test } from "vitest";
import { ResumePosition } from "../src/resume-position.ts";
import { cursorAt } from "./scripted-gateway.ts";

test("forgets waiting callers when their timeout has passed or the cursor is known", async () => {
  const position = new ResumePosition();
  expect(await position.isKnownWithin(1)).toBe(false);
  expect(position.waiting.size).toBe(0);
  const isKnown = position.isKnownWithin(60_000);
  expect(position.waiting.size).toBe(1);
  position.startAt(cursorAt(1));
  expect(await isKnown).toBe(true);
  expect(position.waiting.size).toBe(0);
});
