import { setImmediate as nextTurn } from "node:timers/promises";
import type { MediaStore } from "@syszap/media-store";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type PictureTimes, ProfilePictures } from "../../src/inbound/media/profile-pictures.ts";
import { silentLog } from "../support/silent-log.ts";

const [ana, bia] = ["5511988887777", "5521977776666"];
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const weekly: PictureTimes = { maxAgeMs: 7 * dayMs, burst: 1_000, gapMs: 1 };

/** Profile pictures with a recording fetch. `checks` holds what all processes of a company have checked. */
function newPictures(times: PictureTimes = weekly, checks = new Map<string, Date>()) {
  const fetched: string[] = [];
  const found: (string | null)[] = [];
  let isFailing = false;
  const pictures = new ProfilePictures({
    companyId: "company",
    fetch: async (number) => {
      fetched.push(number);
      if (isFailing) throw new Error("WhatsApp does not answer");
      return null;
    },
    lastCheck: async (number) => checks.get(number),
    store: {} as MediaStore,
    onPicture: (number, picture) => {
      found.push(picture?.storageKey ?? null);
      checks.set(number, new Date());
    },
    times,
    log: silentLog,
  });
  const fail = (does: boolean) => {
    isFailing = does;
  };
  return { pictures, fetched, found, checks, fail };
}

describe("with a clock moved by the test", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const passes = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  test("fetches a sender's picture once, again after a failure, and again after a week", async () => {
    const { pictures, fetched, found, fail } = newPictures();
    fail(true);
    pictures.sender(ana);
    await passes(1);
    fail(false);
    for (const number of [ana, ana, bia]) {
      pictures.sender(number);
      await passes(1);
    }
    expect(fetched).toEqual([ana, ana, bia]);
    expect(found).toEqual([null, null]); // the absence of a picture is stored as well
    await passes(6 * dayMs);
    pictures.sender(ana);
    await passes(1);
    expect(fetched).toHaveLength(3);
    await passes(dayMs);
    for (const number of [ana, ana]) {
      pictures.sender(number);
      await passes(1);
    }
    expect(fetched).toEqual([ana, ana, bia, ana]);
  });

  test("does not fetch a picture that another process checked recently, unless it changed", async () => {
    const checks = new Map([[ana, new Date()]]);
    const { pictures, fetched } = newPictures(weekly, checks);
    pictures.sender(ana);
    pictures.sender(bia);
    await passes(1);
    expect(fetched).toEqual([bia]);
    pictures.changed(ana);
    await passes(1);
    expect(fetched).toEqual([bia, ana]);
  });
});

/** Reports `count` senders, as when an address book is synchronized. */
function reportSenders(pictures: ProfilePictures, count: number): void {
  for (let contact = 0; contact < count; contact += 1) pictures.sender(String(5_511_900_000_000 + contact));
}

test("requests the pictures of a burst at once, and no further one before the gap has passed", async () => {
  const { pictures, fetched } = newPictures({ maxAgeMs: dayMs, burst: 3, gapMs: hourMs });
  reportSenders(pictures, 500);
  await expect.poll(() => fetched.length).toBe(3);
  for (let turn = 0; turn < 100; turn += 1) await nextTurn();
  expect(fetched).toHaveLength(3);
  pictures.close();
});

test("requests every picture in the end, one per gap", async () => {
  const { pictures, fetched } = newPictures({ maxAgeMs: dayMs, burst: 3, gapMs: 1 });
  reportSenders(pictures, 50);
  await expect.poll(() => fetched.length).toBe(50);
  pictures.close();
});
