import { createInterface } from "node:readline";
import { type EphemeralEvent, isEventType } from "@syszap/contracts";
import { Publisher } from "@syszap/event-bus";
import { Redis } from "ioredis";
import { z } from "zod";
import { exitWithError, print } from "../console.ts";
import { parseOptions } from "../options.ts";
import { dataPathsIn } from "../paths.ts";
import { readRun } from "../system/run-file.ts";

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
 * Publishes ephemeral events into a system started by `npm start`. Reads one JSON object `{ companyId, event }` per line from
 * standard input. For trying out pages, and for tests of events that no service publishes yet.
 */
export async function run(args: string[]): Promise<void> {
  const running = readRun(dataPathsIn(parseOptions(args).dataDirectory).runFile);
  if (running === undefined)
    return exitWithError("sysZap is not running with this data directory. Run npm start first.");
  const redis = new Redis(running.redisUrl);
  const log = (_fields: object, message: string) => print(message);
  try {
    const publisher = new Publisher(redis, { info: log, warn: log, error: log });
    for await (const line of createInterface(process.stdin)) {
      const { companyId, event } = Line.parse(JSON.parse(line));
      await publisher.publishEphemeral(companyId, event as EphemeralEvent, { expiresInMs });
    }
  } finally {
    redis.disconnect();
  }
}
