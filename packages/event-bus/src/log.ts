import { randomBytes } from "node:crypto";
import { keys } from "@syszap/contracts";
import type { Cluster, Redis } from "ioredis";
import { type Durable, isDurable } from "./chain.ts";
import { guarded } from "./errors.ts";
import { type Position, splitPayload } from "./header.ts";
import { headScript } from "./scripts/publish-script.ts";

const pageSize = 500;
type Entry = [id: Buffer, fields: Buffer[]];
type Reply = [error: Error | null, value: unknown];

/** Everything that follows, or the news that nobody can say: then the chain begins anew at the head. */
export type LogRead = { kind: "follows"; publications: Durable[] } | { kind: "lost" };

/**
 * All that was published after `from`. It is proven: `from` still stands at its place, or the next entry names it as
 * the one before, or it is the head itself.
 */
export async function readLog(redis: Redis | Cluster, channel: string, from: Position): Promise<LogRead> {
  const publications: Durable[] = [];
  let at = from;
  for (;;) {
    const page = await readPage(redis, channel, at.seq);
    const first = page.entries[0];
    if (first?.header.position.link === at.link) page.entries.shift();
    else if (!first && page.head?.link !== at.link) return { kind: "lost" };
    for (const entry of page.entries) {
      if (entry.header.prev !== at.link) return { kind: "lost" };
      publications.push(entry);
      at = entry.header.position;
    }
    if (page.count < pageSize) return { kind: "follows", publications };
  }
}

/** Entries of a range as they stand; `Chain.extendBack` takes what joins on. */
export async function readRange(
  redis: Redis | Cluster,
  channel: string,
  fromSeq: number,
  toSeq: number,
): Promise<Durable[]> {
  const range = await guarded(() => redis.xrangeBuffer(keys.log(channel), `${fromSeq}-0`, `${toSeq}-0`));
  return decode(range as Entry[]);
}

/** The newest position; writes a genesis when there is none. */
export async function openHead(redis: Redis | Cluster, channel: string): Promise<Position> {
  const names = [keys.head(channel), keys.log(channel), keys.once(channel), keys.places(channel)];
  const reply = (await headScript.run(redis, names, [randomBytes(8).toString("hex")])) as [number, string, string];
  return { seq: Number(reply[1]), link: reply[2] };
}

/** Heads of many channels in one round trip, in the order asked. */
export async function readHeads(
  redis: Redis | Cluster,
  channelNames: readonly string[],
): Promise<(Position | undefined)[]> {
  // Sent without waiting for each other; a pipeline object would be of one node only.
  return guarded(() =>
    Promise.all(channelNames.map(async (channel) => toPosition(await redis.hmget(keys.head(channel), "seq", "link")))),
  );
}

async function readPage(redis: Redis | Cluster, channel: string, fromSeq: number) {
  // One transaction: an empty range proves something only together with the head of the same moment.
  const replies = await guarded(() =>
    redis
      .multi()
      .xrangeBuffer(keys.log(channel), `${fromSeq}-0`, "+", "COUNT", pageSize)
      .hmget(keys.head(channel), "seq", "link")
      .exec(),
  );
  const entries = answerOf(replies?.[0]) as Entry[];
  return { entries: decode(entries), count: entries.length, head: toPosition(answerOf(replies?.[1])) };
}

function answerOf(reply: Reply | undefined): unknown {
  if (!reply) throw new Error("Redis left out a reply");
  if (reply[0]) throw reply[0];
  return reply[1];
}

function toPosition(value: unknown): Position | undefined {
  const [seq, link] = value as (string | null)[];
  return seq && link ? { seq: Number(seq), link } : undefined;
}

/** An entry of an unknown layout is left out: the hole that it makes is seen, and answered with `resync`. */
function decode(entries: Entry[]): Durable[] {
  return entries.flatMap(([, fields]) => {
    const publication = fields[1] && splitPayload(fields[1]);
    return publication && isDurable(publication) ? [publication] : [];
  });
}
