import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { checkout } from "../product.ts";
import type { Size, Theme } from "./walk.ts";

/** The most important pages, each in one theme and size. Their pictures are committed. */
export const compared: Record<string, { theme: Theme; size: Size }> = {
  login: { theme: "light", size: "phone" },
  chats: { theme: "light", size: "tablet" },
  chat: { theme: "dark", size: "desktop" },
  group: { theme: "light", size: "phone" },
  clients: { theme: "light", size: "desktop" },
  sessions: { theme: "dark", size: "phone" },
  dashboard: { theme: "light", size: "desktop" },
  people: { theme: "light", size: "tablet" },
  account: { theme: "dark", size: "desktop" },
  "operator-companies": { theme: "light", size: "desktop" },
};

export const baselineFolder = join(checkout, "packages/e2e/baselines");
export const picturesFolder = join(checkout, ".screenshots");
export const baselineOf = (name: string): string => join(baselineFolder, `${name}.png`);

/** Colour difference of one pixel, from 0 to 1. Edges that are smoothed in another way are not counted at all. */
const threshold = 0.2;
/** Another release of Chromium draws some letters differently. A moved or missing part of a page changes far more. */
const maxChangedShare = 0.005;

/** Compares a picture with the committed one. Returns what differs in words, and writes both pictures; undefined if they look alike. */
export async function difference(name: string, picture: Buffer): Promise<string | undefined> {
  const baseline = await readFile(baselineOf(name)).catch(() => undefined);
  if (!baseline) return `${name} has no committed picture`;
  const [actual, wanted] = [PNG.sync.read(picture), PNG.sync.read(baseline)];
  const { width, height } = wanted;
  if (actual.width !== width || actual.height !== height) return `${name} has another size than its committed picture`;
  const changes = new PNG({ width, height });
  const changed = pixelmatch(actual.data, wanted.data, changes.data, width, height, { threshold });
  const share = changed / (width * height);
  if (share <= maxChangedShare) return undefined;
  const folder = join(picturesFolder, "changed");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.png`), picture);
  await writeFile(join(folder, `${name}.changes.png`), PNG.sync.write(changes));
  return `${name} differs in ${(share * 100).toFixed(1)} % of its pixels, see ${folder}`;
}
