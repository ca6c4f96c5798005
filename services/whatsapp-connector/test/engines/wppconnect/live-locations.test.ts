import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LiveLocations, type LivePosition } from "../../../src/engines/wppconnect/inbound/live-locations.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function recorded() {
  const emitted: LivePosition[] = [];
  const locations = new LiveLocations((position) => emitted.push(position), 10_000);
  return { emitted, locations };
}
const at = (latitude: number, id = "a", hasEnded = false): LivePosition => ({ id, latitude, longitude: 0, hasEnded });

test("emits the first position at once, then the newest of each interval", () => {
  const { emitted, locations } = recorded();
  for (const latitude of [1, 2, 3]) locations.add(at(latitude));
  expect(emitted).toEqual([at(1)]);
  vi.advanceTimersByTime(10_000);
  expect(emitted).toEqual([at(1), at(3)]);
  locations.add(at(4));
  vi.advanceTimersByTime(10_000);
  expect(emitted).toEqual([at(1), at(3), at(4)]);
});

test("emits the end at once, and drops the position that waited", () => {
  const { emitted, locations } = recorded();
  locations.add(at(1));
  locations.add(at(2));
  locations.add(at(3, "a", true));
  vi.advanceTimersByTime(60_000);
  expect(emitted).toEqual([at(1), at(3, "a", true)]);
});

test("limits each location by itself, and emits no position twice", () => {
  const { emitted, locations } = recorded();
  locations.add(at(1));
  locations.add(at(1));
  locations.add(at(1, "b"));
  vi.advanceTimersByTime(60_000);
  expect(emitted).toEqual([at(1), at(1, "b")]);
});

test("emits nothing after it was stopped", () => {
  const { emitted, locations } = recorded();
  locations.add(at(1));
  locations.add(at(2));
  locations.stop();
  vi.advanceTimersByTime(60_000);
  expect(emitted).toEqual([at(1)]);
});
