import type { MediaStore } from "@syszap/media-store";
import { createLogger } from "@syszap/platform";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ProfilePictures } from "../src/inbound/profile-pictures.ts";

const [ana, bia] = ["5511988887777", "5521977776666"];
const hourMs = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function newPictures() {
  const fetched: string[] = [];
  const pictures = new ProfilePictures({
    companyId: "company",
    fetch: async (number) => {
      fetched.push(number);
      if (fetched.length === 1) throw new Error("the first try of all fails");
      return null;
    },
    store: {} as MediaStore,
    found: () => undefined,
    log: createLogger({ service: "test", level: "silent" }),
  });
  const write = async (number: string) => {
    pictures.sender(number);
    await vi.advanceTimersByTimeAsync(1);
  };
  return { pictures, fetched, write };
}

test("a sender's picture is fetched once, tried again when that failed, and again when it is a day old", async () => {
  const { fetched, write } = newPictures();
  for (const number of [ana, ana, ana, bia]) await write(number);
  expect(fetched).toEqual([ana, ana, bia]);
  await vi.advanceTimersByTimeAsync(23 * hourMs);
  await write(ana);
  expect(fetched).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(hourMs);
  for (const number of [ana, ana]) await write(number);
  expect(fetched).toEqual([ana, ana, bia, ana]);
});

test("a changed picture is fetched at once, and is young again", async () => {
  const { pictures, fetched, write } = newPictures();
  for (const number of [ana, ana]) await write(number);
  await vi.advanceTimersByTimeAsync(20 * hourMs);
  pictures.changed(ana);
  await vi.advanceTimersByTimeAsync(5 * hourMs);
  await write(ana);
  expect(fetched).toHaveLength(3);
});
