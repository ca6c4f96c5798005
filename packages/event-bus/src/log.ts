import { randomBytes } from "node:crypto";
import { keys } from "@syszap/contracts";
import type { Cluster, Redis } from "ioredis";
import { type Durable, isDurable, type LogPage } from "./chain.ts";
import { guarded } from "./errors.ts";
import { type Position, splitPayload } from "./header.ts";
import { headScript } from "./scripts/publish-script.ts";
import { readBackScript, readScript } from "./scripts/read-script.ts";

type Entry = [id: Buffer, fields: Buffer[]];

/** Keys of a channel, in the order in which the scripts expect them. */
export const logKeys = (channel: string) => [
  keys.head(channel),
  keys.log(channel),
  keys.olderPositions(channel),
  keys.positions(channel),
  keys.checkpoints(channel),
  keys.rightsOf(channel),
];

/** Read access to the log of one channel. Every method throws `BusUnavailableError` while Redis cannot serve. */
export interface ChannelLog {
  /** Reads entries from `fromSeq` on, up to `maxBytes` but at least one, atomically together with the head. */
  page(fromSeq: number, maxBytes: number): Promise<LogPage>;
  /** Reads the newest entries of a range, up to `maxBytes` but at least one, without proof of continuity. Oldest first. */
  range(fromSeq: number, toSeq: number, maxBytes: number): Promise<Durable[]>;
  /** Reads the newest position. Starts a new log if there is none. */
  openHead(): Promise<Position>;
}

export const channelLog = (redis: Redis | Cluster, channel: string): ChannelLog => ({
  page: (fromSeq, maxBytes) => readPage(redis, channel, fromSeq, maxBytes),
  range: (fromSeq, toSeq, maxBytes) => readRange(redis, channel, { fromSeq, toSeq, maxBytes }),
  openHead: () => openHead(redis, channel),
});

async function readRange(
  redis: Redis | Cluster,
  channel: string,
  range: { fromSeq: number; toSeq: number; maxBytes: number },
): Promise<Durable[]> {
  const { fromSeq, toSeq, maxBytes } = range;
  const args = [`${fromSeq}-0`, `${toSeq}-0`, maxBytes];
  const entries = (await readBackScript.runBuffer(redis, [keys.log(channel)], args)) as Entry[];
  return decode(entries.reverse());
}

async function openHead(redis: Redis | Cluster, channel: string): Promise<Position> {
  const reply = (await headScript.run(redis, logKeys(channel), [randomBytes(8).toString("hex")])) as [
    number,
    string,
    string,
  ];
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

async function readPage(redis: Redis | Cluster, channel: string, fromSeq: number, maxBytes: number): Promise<LogPage> {
  const names = [keys.log(channel), keys.head(channel)];
  const reply = await readScript.runBuffer(redis, names, [`${fromSeq}-0`, maxBytes]);
  const [entries, seq, link, isLast] = reply as [Entry[], Buffer, Buffer, number];
  const head = toPosition([seq.toString(), link.toString()]);
  return { entries: decode(entries), isLast: isLast === 1, head };
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
