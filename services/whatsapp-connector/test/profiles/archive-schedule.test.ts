import { afterEach, describe, expect, test } from "vitest";
import { ArchiveSchedule, PauseTurn } from "../../src/profiles/index.ts";

const hourMs = 3_600_000;
const schedules: ArchiveSchedule[] = [];
afterEach(() => {
  for (const schedule of schedules.splice(0)) schedule.stop();
});

/** A connected session of a browser that said nothing for an hour and was never archived, unless told otherwise. */
function session(turn = new PauseTurn(), given: { archivedAt?: Date; archives?: boolean } = {}) {
  const seen = { looks: 0, pauses: 0, archives: 0 };
  const state = {
    seen,
    lastEventAt: () => new Date(Date.now() - hourMs),
    whilePaused: async () => undefined as unknown,
    /** Resolves after so many more looks: what they were to bring has happened by then. */
    looked: (more: number) => {
      const until = seen.looks + more;
      return expect.poll(() => seen.looks, { timeout: 5_000, interval: 2 }).toBeGreaterThanOrEqual(until);
    },
  };
  const profile = {
    archivedAt: given.archivedAt,
    archive: async () => {
      seen.archives += 1;
      if (given.archives !== false) profile.archivedAt = new Date();
      return given.archives !== false;
    },
  };
  const schedule = new ArchiveSchedule(
    profile,
    { everyMs: hourMs, idleMs: 5, turn },
    {
      engine: () => {
        seen.looks += 1;
        return {};
      },
      lastEventAt: () => state.lastEventAt(),
      pauseFor: async (work) => {
        seen.pauses += 1;
        await state.whilePaused();
        await work();
      },
    },
  );
  schedules.push(schedule);
  schedule.start();
  return state;
}

describe("a running browser's profile", () => {
  test("is archived once when it never was, and not again while that is young", async () => {
    const { seen, looked } = session();
    await looked(5);
    expect(seen).toMatchObject({ pauses: 1, archives: 1 });
  });

  test("is left alone while its archive is young", async () => {
    const { seen, looked } = session(new PauseTurn(), { archivedAt: new Date(Date.now() - hourMs + 60_000) });
    await looked(5);
    expect(seen.pauses).toBe(0);
  });

  test("is archived when its archive is old", async () => {
    const { seen, looked } = session(new PauseTurn(), { archivedAt: new Date(Date.now() - hourMs - 1) });
    await looked(2);
    expect(seen.pauses).toBe(1);
  });

  test("waits until nothing is said any more", async () => {
    const busy = session();
    busy.lastEventAt = () => new Date();
    await busy.looked(5);
    expect(busy.seen.pauses).toBe(0);
    busy.lastEventAt = () => new Date(Date.now() - 6);
    await busy.looked(2);
    expect(busy.seen.pauses).toBe(1);
  });

  test("is not paused at every look when the store is away", async () => {
    const { seen, looked } = session(new PauseTurn(), { archives: false });
    await looked(6);
    expect(seen.pauses).toBe(1);
  });

  test("waits for its turn: a connector pauses one session at a time", async () => {
    const turn = new PauseTurn();
    let release: (value: unknown) => void = () => undefined;
    const first = session(turn);
    first.whilePaused = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    await first.looked(2);
    const second = session(turn);
    await second.looked(5);
    expect([first.seen.pauses, second.seen.pauses]).toEqual([1, 0]);
    release(undefined);
    await second.looked(3);
    expect(second.seen).toMatchObject({ pauses: 1, archives: 1 });
  });
});
