import { expect, test } from "vitest";
import { Backoff } from "../src/backoff.ts";

test("a connection that ended by a change of rights counts as healthy after a second, a lost one after ten", () => {
  const backoff = new Backoff(() => 1);
  const firstMs = backoff.nextMs();
  const secondMs = backoff.nextMs();
  expect(secondMs).toBeGreaterThan(firstMs);
  backoff.settle(1_000, { isAccessEnded: false });
  expect(backoff.nextMs()).toBeGreaterThan(secondMs);
  backoff.settle(900, { isAccessEnded: true });
  expect(backoff.nextMs()).toBeGreaterThan(2 * secondMs);
  backoff.settle(1_000, { isAccessEnded: true });
  expect(backoff.nextMs()).toBe(firstMs);
  backoff.nextMs();
  backoff.settle(10_000, { isAccessEnded: false });
  expect(backoff.nextMs()).toBe(firstMs);
});
