import { test } from "vitest";
import { startRedis } from "../redis/redis-server.ts";

/** `test` with a `redisUrl` fixture: a private Redis server per test file, started by the first test that uses it. */
export const redisTest = test.extend<{ redisUrl: string }>({
  redisUrl: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from this pattern
    async ({}, use) => {
      const redis = await startRedis();
      await use(redis.url);
      await redis.stop();
    },
    { scope: "file" },
  ],
});
