import { randomUUID } from "node:crypto";
import { createLogger } from "@syszap/platform";
import { expect } from "vitest";
import { Thumbnails } from "../../src/media/thumbnails/thumbnails.ts";
import { type Api, newUser, test } from "../support/api-test.ts";
import { pngHeader } from "../support/png.ts";

const log = createLogger({ service: "test", level: "silent" });

async function addPng(api: Api, companyId: string) {
  const bytes = Buffer.concat([pngHeader({ width: 1, height: 1 }), Buffer.from(randomUUID())]);
  const file = await api.media.put(bytes, { companyId, mimeType: "image/png", fileName: null });
  return { ...file, id: await api.database.withCompany(companyId, ({ media }) => media.add(file)) };
}

test("creates thumbnails of a company while another company's images are slow", async ({ api }) => {
  const [slow, other] = [await newUser(api), await newUser(api)];
  const images = await Promise.all(Array.from({ length: 5 }, () => addPng(api, slow.companyId)));
  const image = await addPng(api, other.companyId);
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let drawings = 0;
  const draw = async () => {
    drawings += 1;
    if (drawings === 1) await finished; // an image of the first company
    return Buffer.from("drawn");
  };
  const thumbnails = new Thumbnails({ database: api.database, store: api.media, drawing: { draw }, log });
  const slowOnes = images.map((file) => thumbnails.of(slow.companyId, file));
  await expect.poll(() => drawings).toBe(1);
  expect(await thumbnails.of(other.companyId, image)).toMatchObject({ size: 5 });
  expect(drawings).toBe(2);
  finish();
  expect(await Promise.all(slowOnes)).toHaveLength(5);
});

test("rejects further thumbnails of a company when 100 are waiting", async ({ api }) => {
  const { companyId } = await newUser(api);
  let failOpen: (error: Error) => void = () => undefined;
  const opened = new Promise<never>((_, reject) => {
    failOpen = reject;
  });
  const store = { ...api.media, open: () => opened };
  const thumbnails = new Thumbnails({ database: api.database, store, drawing: api.drawing, log });
  const file = { storageKey: "key", mimeType: "image/png", fileName: null, size: 10, sha256: "hash" };

  const requests = Array.from({ length: 102 }, () => thumbnails.of(companyId, { ...file, id: randomUUID() }));

  await expect(Promise.race(requests)).rejects.toMatchObject({ problem: "unavailable" });
  failOpen(new Error("the store is closed"));
  const results = await Promise.allSettled(requests);
  const rejected = results.filter((result) => result.status === "rejected" && result.reason.problem === "unavailable");
  expect(rejected).toHaveLength(1);
});
