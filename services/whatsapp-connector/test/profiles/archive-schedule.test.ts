import { afterEach, describe, expect, test } from "vitest";
import { ArchiveSchedule, PauseLock } from "../../src/profiles/index.ts";

const hourMs = 3_600_000;
const schedules: ArchiveSchedule[] = [];
afterEach(() => {
  for (const schedule of schedules.splice(0)) schedule.stop();
});

/** A connected session that has been idle for an hour and, by default, was never archived. */
function session(pauseLock = new PauseLock(), options: { archivedAt?: Date; archives?: boolean } = {}) {
  const counts = { checks: 0, pauses: 0, archives: 0 };
  const state = {
    counts,
    lastEventAt: () => new Date(Date.now() - hourMs),
    whilePaused: async () => undefined as unknown,
    /** Resolves after `more` further checks. The effects of the first `more - 1` of them have happened by then. */
    checked: (more: number) => {
      const until = counts.checks + more;
      return expect.poll(() => counts.checks, { timeout: 60_000, interval: 2 }).toBeGreaterThanOrEqual(until);
    },
  };
  const profile = {
    archivedAt: options.archivedAt,
    archive: async () => {
      counts.archives += 1;
      if (options.archives !== false) profile.archivedAt = new Date();
      return options.archives !== false;
    },
  };
  const schedule = new ArchiveSchedule(
    profile,
    { everyMs: hourMs, idleMs: 5, pauseLock },
    {
      engine: () => {
        counts.checks += 1;
        return {};
      },
      lastEventAt: () => state.lastEventAt(),
      pauseFor: async (work) => {
        counts.pauses += 1;
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
  test("is archived once if it was never archived, and not again while the archive is recent", async () => {
    const { counts, checked } = session();
    await checked(5);
    expect(counts).toMatchObject({ pauses: 1, archives: 1 });
  });

  test("is not archived while its archive is recent", async () => {
    const { counts, checked } = session(new PauseLock(), { archivedAt: new Date(Date.now() - hourMs + 60_000) });
    await checked(5);
    expect(counts.pauses).toBe(0);
  });

  test("is archived when its archive is old", async () => {
    const { counts, checked } = session(new PauseLock(), { archivedAt: new Date(Date.now() - hourMs - 1) });
    await checked(2);
    expect(counts.pauses).toBe(1);
  });

  test("is archived only after the session is idle", async () => {
    const busy = session();
    busy.lastEventAt = () => new Date();
    await busy.checked(5);
    expect(busy.counts.pauses).toBe(0);
    busy.lastEventAt = () => new Date(Date.now() - 6);
    await busy.checked(2);
    expect(busy.counts.pauses).toBe(1);
  });

  test("is not paused at every check while the store is unavailable", async () => {
    const { counts, checked } = session(new PauseLock(), { archives: false });
    await checked(6);
    expect(counts.pauses).toBe(1);
  });

  test("waits for the pause lock, so that a connector pauses one session at a time", async () => {
    const pauseLock = new PauseLock();
    let release: (value: unknown) => void = () => undefined;
    const first = session(pauseLock);
    first.whilePaused = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    await first.checked(2);
    const second = session(pauseLock);
    await second.checked(5);
    expect([first.counts.pauses, second.counts.pauses]).toEqual([1, 0]);
    release(undefined);
    await second.checked(3);
    expect(second.counts).toMatchObject({ pauses: 1, archives: 1 });
  });
});
