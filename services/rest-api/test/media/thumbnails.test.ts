import { randomUUID } from "node:crypto";
import { createLogger } from "@syszap/platform";
import { expect } from "vitest";
import { Thumbnails } from "../../src/media/thumbnails.ts";
import { newUser, test } from "../support/api-test.ts";

const log = createLogger({ service: "test", level: "silent" });

test("rejects further thumbnails when 2 are being created and 100 are waiting", async ({ api }) => {
  const { companyId } = await newUser(api);
  let failOpen: (error: Error) => void = () => undefined;
  const opened = new Promise<never>((_, reject) => {
    failOpen = reject;
  });
  const thumbnails = new Thumbnails(api.database, { ...api.media, open: () => opened }, log);
  const file = { storageKey: "key", mimeType: "image/png", fileName: null, size: 10, sha256: "hash" };

  const requests = Array.from({ length: 103 }, () => thumbnails.of(companyId, { ...file, id: randomUUID() }));

  await expect(Promise.race(requests)).rejects.toMatchObject({ problem: "unavailable" });
  failOpen(new Error("the store is closed"));
  const results = await Promise.allSettled(requests);
  const rejected = results.filter((result) => result.status === "rejected" && result.reason.problem === "unavailable");
  expect(rejected).toHaveLength(1);
});
