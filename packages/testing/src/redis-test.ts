import { test } from "vitest";
import { startRedis } from "./redis-server.ts";

/** Tests with a private Redis server per file. It is started when the first test asks for it. */
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
