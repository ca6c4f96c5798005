import { setTimeout as delay } from "node:timers/promises";
import { queues } from "@syszap/contracts";
import type { Random } from "@syszap/testing/oracle";
import { Queue } from "bullmq";
import type { Restartable } from "../framework/restartable.ts";
import type { TestEnvironment } from "../session-kills/environment/test-environment.ts";
import type { RoundParts } from "../session-kills/round/round-parts.ts";

export interface PipelineFault {
  name: string;
  /** One sentence that describes the fault. */
  about: string;
  /** Injects the fault while messages are exchanged, and repairs everything before it resolves. */
  inject(environment: TestEnvironment, parts: RoundParts, random: Random): Promise<void>;
}

const kills = 5;
const restarts = 3;
const randomKills = 6;
const probabilityOfTwo = 0.3;
const longOutageMs = 30_000;
const [minPauseMs, maxPauseMs] = [300, 2_500];
/** Number of times that all queued jobs are added to the queue again. */
const redeliveries = 4;
/** Part of the ids of redelivered jobs. They are not redelivered again, which would create thousands of jobs. */
const redeliveredMark = " again ";

const pause = (random: Random) => delay(random.between(minPauseMs, maxPauseMs));

type Component = "worker" | "restApi" | "redis" | "postgres";
const killRepeatedly =
  (component: Component, times: number, [minMs, maxMs]: readonly [number, number]): PipelineFault["inject"] =>
  async (environment, _parts, random) => {
    const server: Pick<Restartable<never>, "fail"> = environment[component];
    for (let time = 0; time < times; time++) {
      await pause(random);
      await server.fail(random.between(minMs, maxMs));
    }
    await pause(random);
  };

/** Kills random components; sometimes two are down at the same time. */
async function killRandomly(environment: TestEnvironment, _parts: RoundParts, random: Random): Promise<void> {
  const components: readonly Component[] = ["worker", "restApi", "redis", "postgres"];
  for (let kill = 0; kill < randomKills; kill++) {
    await pause(random);
    const first = random.pick(components);
    const second = random.pick(components.filter((component) => component !== first));
    const victims = random.chance(probabilityOfTwo) ? [first, second] : [first];
    await Promise.all(
      victims.map((component) => {
        const server: Pick<Restartable<never>, "fail"> = environment[component];
        return server.fail(random.between(0, 3_000));
      }),
    );
  }
  await pause(random);
}

async function killConnectors(_ground: TestEnvironment, { connectors }: RoundParts, random: Random): Promise<void> {
  for (let kill = 0; kill < kills; kill++) {
    await pause(random);
    connectors.kill(random.pick(connectors.alive), random.between(0, 3_000));
    await connectors.untilAllRunning();
  }
}

/** Adds stored jobs again with new ids and in random order, so that some facts precede their messages. */
async function redeliver({ redisUrl }: TestEnvironment, _parts: RoundParts, random: Random): Promise<void> {
  const startedAtMs = Date.now();
  const { hostname: host, port } = new URL(redisUrl);
  const queue = new Queue(queues.inboundMessages, { connection: { host, port: Number(port) } });
  try {
    for (let time = 0; time < redeliveries; time++) {
      await pause(random);
      const jobs = await queue.getJobs(["waiting", "active", "completed"]);
      const original = jobs.filter(({ id, timestamp }) => timestamp >= startedAtMs && !id?.includes(redeliveredMark));
      const shuffled = original.map((job) => ({ job, sortKey: random.next() })).sort((a, b) => a.sortKey - b.sortKey);
      for (const { job } of shuffled)
        await queue.add(job.name, job.data, { jobId: `${job.id}${redeliveredMark}${time}` });
    }
    await pause(random);
  } finally {
    await queue.close();
  }
}

/** Faults between WhatsApp and Postgres. */
export const pipelineFaults: readonly PipelineFault[] = [
  { name: "worker-kills", about: "The worker is killed.", inject: killRepeatedly("worker", kills, [0, 2_000]) },
  {
    name: "api-kills",
    about: "The REST API is killed; clients repeat their requests.",
    inject: killRepeatedly("restApi", kills, [0, 2_000]),
  },
  { name: "connector-kills", about: "One of the two connectors is killed at a time.", inject: killConnectors },
  {
    name: "queue-restarts",
    about: "Redis (append-only) is killed and restarted.",
    inject: killRepeatedly("redis", restarts, [0, 3_000]),
  },
  {
    name: "queue-away",
    about: "Redis is down for 30 s.",
    inject: killRepeatedly("redis", 1, [longOutageMs, longOutageMs]),
  },
  {
    name: "database-restarts",
    about: "Postgres is killed and restarted.",
    inject: killRepeatedly("postgres", restarts, [0, 3_000]),
  },
  {
    name: "database-away",
    about: "Postgres is down for 30 s.",
    inject: killRepeatedly("postgres", 1, [longOutageMs, longOutageMs]),
  },
  {
    name: "random-kills",
    about: "The worker, the REST API, Redis and Postgres are killed and restarted at random, sometimes two at once.",
    inject: killRandomly,
  },
  {
    name: "redeliveries",
    about: "All queued jobs are delivered again, in random order and with new ids.",
    inject: redeliver,
  },
];
