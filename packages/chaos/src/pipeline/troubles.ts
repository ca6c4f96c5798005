import { setTimeout as delay } from "node:timers/promises";
import { queues } from "@syszap/contracts";
import type { Random } from "@syszap/testing/oracle";
import { Queue } from "bullmq";
import type { Ground } from "../session-kills/ground.ts";
import type { Restartable } from "../session-kills/restartable.ts";
import type { RoundParts } from "../session-kills/round.ts";

export interface Trouble {
  name: string;
  /** One sentence: what goes wrong while everybody writes. */
  about: string;
  /** At its end all that was broken is mended. */
  happen(ground: Ground, parts: RoundParts, random: Random): Promise<void>;
}

const kills = 5;
const restarts = 3;
const longAwayMs = 30_000;
const [shortestCalmMs, longestCalmMs] = [300, 2_500];
/** How often all that was queued is queued again. */
const redeliveries = 4;
/** In the id of what was queued again, which is not queued again itself: there would soon be thousands. */
const again = " again ";

const calm = (random: Random) => delay(random.between(shortestCalmMs, longestCalmMs));

type Part = "worker" | "restApi" | "redis" | "postgres";
const failing =
  (part: Part, times: number, [leastMs, mostMs]: readonly [number, number]): Trouble["happen"] =>
  async (ground, _parts, random) => {
    const server: Pick<Restartable<never>, "fail"> = ground[part];
    for (let time = 0; time < times; time++) {
      await calm(random);
      await server.fail(random.between(leastMs, mostMs));
    }
    await calm(random);
  };

async function killConnectors(_ground: Ground, { connectors }: RoundParts, random: Random): Promise<void> {
  for (let kill = 0; kill < kills; kill++) {
    await calm(random);
    connectors.kill(random.pick(connectors.alive), random.between(0, 3_000));
    await connectors.allBack();
  }
}

/** By other ids, in any order: what was stored already, and facts before the messages that they are about. */
async function deliverAgain({ redisUrl }: Ground, _parts: RoundParts, random: Random): Promise<void> {
  const startedAtMs = Date.now();
  const { hostname: host, port } = new URL(redisUrl);
  const queue = new Queue(queues.inboundMessages, { connection: { host, port: Number(port) } });
  try {
    for (let time = 0; time < redeliveries; time++) {
      await calm(random);
      const jobs = await queue.getJobs(["waiting", "active", "completed"]);
      const told = jobs.filter(({ id, timestamp }) => timestamp >= startedAtMs && !id?.includes(again));
      const inAnyOrder = told.map((job) => ({ job, lot: random.next() })).sort((a, b) => a.lot - b.lot);
      for (const { job } of inAnyOrder) await queue.add(job.name, job.data, { jobId: `${job.id}${again}${time}` });
    }
    await calm(random);
  } finally {
    await queue.close();
  }
}

/** What the way of a message has to outlast. */
export const troubles: readonly Trouble[] = [
  { name: "worker-kills", about: "The worker is killed.", happen: failing("worker", kills, [0, 2_000]) },
  { name: "api-kills", about: "The API is killed; pages ask again.", happen: failing("restApi", kills, [0, 2_000]) },
  { name: "connector-kills", about: "Connectors are killed, one or the other.", happen: killConnectors },
  {
    name: "queue-restarts",
    about: "Redis (append-only) is killed and comes back.",
    happen: failing("redis", restarts, [0, 3_000]),
  },
  { name: "queue-away", about: "Redis is away for 30 s.", happen: failing("redis", 1, [longAwayMs, longAwayMs]) },
  {
    name: "database-restarts",
    about: "Postgres is killed and comes back.",
    happen: failing("postgres", restarts, [0, 3_000]),
  },
  {
    name: "database-away",
    about: "Postgres is away for 30 s.",
    happen: failing("postgres", 1, [longAwayMs, longAwayMs]),
  },
  {
    name: "redeliveries",
    about: "All that was queued comes again, in any order, by other ids.",
    happen: deliverAgain,
  },
];
