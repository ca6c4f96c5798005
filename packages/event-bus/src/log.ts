import { randomBytes } from "node:crypto";
import { keys } from "@syszap/contracts";
import type { Cluster, Redis } from "ioredis";
import { continuation, type Durable, isDurable, type LogPage } from "./chain.ts";
import { guarded } from "./errors.ts";
import { type Position, splitPayload } from "./header.ts";
import { headScript } from "./scripts/publish-script.ts";
import { readScript } from "./scripts/read-script.ts";

const pageSize = 500;
type Entry = [id: Buffer, fields: Buffer[]];

/** Read access to the log of one channel. Every method throws `BusUnavailableError` while Redis cannot serve. */
export interface ChannelLog {
  /** Reads entries from `fromSeq` on, atomically together with the head. */
  page(fromSeq: number): Promise<LogPage>;
  /** Reads the entries of a range, without proof of continuity. */
  range(fromSeq: number, toSeq: number): Promise<Durable[]>;
  /** Reads the newest position. Starts a new log if there is none. */
  openHead(): Promise<Position>;
}

export const channelLog = (redis: Redis | Cluster, channel: string): ChannelLog => ({
  page: (fromSeq) => readPage(redis, channel, fromSeq),
  range: (fromSeq, toSeq) => readRange(redis, channel, fromSeq, toSeq),
  openHead: () => openHead(redis, channel),
});

/** Reads all publications after `from`. Undefined if `continuation` finds no proof that they follow `from`. */
export async function readOn(log: ChannelLog, from: Position): Promise<Durable[] | undefined> {
  const publications: Durable[] = [];
  let at = from;
  for (;;) {
    const page = await log.page(at.seq);
    const next = continuation(at, page);
    if (!next) return undefined;
    publications.push(...next);
    at = next.at(-1)?.header.position ?? at;
    if (page.isLast) return publications;
  }
}

async function readRange(redis: Redis | Cluster, channel: string, fromSeq: number, toSeq: number): Promise<Durable[]> {
  const range = await guarded(() => redis.xrangeBuffer(keys.log(channel), `${fromSeq}-0`, `${toSeq}-0`));
  return decode(range as Entry[]);
}

async function openHead(redis: Redis | Cluster, channel: string): Promise<Position> {
  const names = [keys.head(channel), keys.log(channel), keys.once(channel), keys.positions(channel)];
  const reply = (await headScript.run(redis, names, [randomBytes(8).toString("hex")])) as [number, string, string];
  return { seq: Number(reply[1]), link: reply[2] };
}

/** Reads the heads of several channels in one round trip, in the given order. */
export async function readHeads(
  redis: Redis | Cluster,
  channelNames: readonly string[],
): Promise<(Position | undefined)[]> {
  // Sent concurrently instead of as a pipeline, which works for one node of a Cluster only.
  return guarded(() =>
    Promise.all(channelNames.map(async (channel) => toPosition(await redis.hmget(keys.head(channel), "seq", "link")))),
  );
}

async function readPage(redis: Redis | Cluster, channel: string, fromSeq: number): Promise<LogPage> {
  const names = [keys.log(channel), keys.head(channel)];
  const reply = await readScript.runBuffer(redis, names, [`${fromSeq}-0`, pageSize]);
  const [entries, seq, link] = reply as [Entry[], Buffer, Buffer];
  const head = toPosition([seq.toString(), link.toString()]);
  return { entries: decode(entries), isLast: entries.length < pageSize, head };
}

function toPosition(value: unknown): Position | undefined {
  const [seq, link] = value as (string | null)[];
  return seq && link ? { seq: Number(seq), link } : undefined;
}

/** Omits entries with an unknown layout. The reader detects the gap and emits `resync`. */
function decode(entries: Entry[]): Durable[] {
  return entries.flatMap(([, fields]) => {
    const publication = fields[1] && splitPayload(fields[1]);
    return publication && isDurable(publication) ? [publication] : [];
  });
}
