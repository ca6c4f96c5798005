import { createInterface } from "node:readline";
import { type EphemeralEvent, isEventType } from "@syszap/contracts";
import { Publisher } from "@syszap/event-bus";
import { Redis } from "ioredis";
import { z } from "zod";
import { parseOptions } from "./options.ts";
import { placesIn } from "./places.ts";
import { readRun } from "./run-file.ts";
import { giveUp, say } from "./say.ts";

const Line = z.object({
  companyId: z.uuid(),
  event: z.object({
    type: z.string().refine(isEventType),
    audience: z.object({ kind: z.string() }).loose(),
    data: z.object({}).loose(),
  }),
});
const expiresInMs = 60_000;

/**
 * Publishes ephemeral events to what `npm start` runs, one JSON line `{ companyId, event }` each from standard input: to
 * try out pages, and for tests of events that nobody produces yet.
 */
export async function run(args: string[]): Promise<void> {
  const running = readRun(placesIn(parseOptions(args).dataDirectory).runFile);
  if (running === undefined) return giveUp("sysZap does not run with these data: npm start first.");
  const redis = new Redis(running.redisUrl);
  const tell = (_fields: object, message: string) => say(message);
  try {
    const publisher = new Publisher(redis, { info: tell, warn: tell, error: tell });
    for await (const line of createInterface(process.stdin)) {
      const { companyId, event } = Line.parse(JSON.parse(line));
      await publisher.publishEphemeral(companyId, event as EphemeralEvent, { expiresInMs });
    }
  } finally {
    redis.disconnect();
  }
}
