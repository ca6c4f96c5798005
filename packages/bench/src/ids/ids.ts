import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { Benchmark, Figures } from "../harness/benchmark.ts";
import { openPostgres } from "../harness/postgres.ts";

const defaultMessages = 2_000_000;
const batch = 10_000;
/** Chats of the only company. */
const chats = 5_000;
const defaults = { random: "gen_random_uuid()", ordered: "uuid_v7()" };

/** Compares ids in the order of their creation (decision 101) with random ones. */
export const ids: Benchmark = {
  name: "ids",
  about:
    "Messages stored by one connection with time-ordered and with random ids, into a table that grows from nothing: rate at its end, size of the index of ids, and bytes of the write-ahead log",
  goals: { ratio_index: "< 1", ratio_wal: "< 1" },
  run: async ({ log, onEnd, options }) => {
    const folder = await mkdtemp(join(tmpdir(), "syszap-bench-ids-"));
    onEnd(() => rm(folder, { recursive: true, force: true }));
    const { urls } = await openPostgres(join(folder, "postgres"), onEnd);
    const client = new pg.Client({ connectionString: urls.ownerUrl });
    await client.connect();
    onEnd(() => client.end());
    // Skips foreign keys, whose checks would read tables that the ids of messages do not touch.
    await client.query("set session_replication_role = replica");
    const messages = options.messages ?? defaultMessages;
    const random = await measure(client, defaults.random, messages);
    log(`random ids: ${JSON.stringify(random)}`);
    const ordered = await measure(client, defaults.ordered, messages);
    log(`ordered ids: ${JSON.stringify(ordered)}`);
    return {
      figures: {
        ...ordered,
        ratio_rate: (ordered.rows_per_s ?? 0) / (random.rows_per_s ?? 0),
        ratio_index: (ordered.index_mb ?? 0) / (random.index_mb ?? 0),
        ratio_wal: (ordered.wal_bytes_per_row ?? 0) / (random.wal_bytes_per_row ?? 0),
      },
      peers: { random },
    };
  },
};

/** Fills an empty table in batches. The rate is that of the last quarter, the log that of the whole. */
async function measure(client: pg.Client, expression: string, messages: number): Promise<Figures> {
  await client.query("truncate messages cascade");
  await client.query(`alter table messages alter column id set default ${expression}`);
  await client.query("checkpoint");
  const company = randomUUID();
  const [{ lsn }] = (await client.query<{ lsn: string }>("select pg_current_wal_lsn() as lsn")).rows as [
    { lsn: string },
  ];
  let lastQuarterMs = 0;
  for (let first = 0; first < messages; first += batch) {
    const startedAt = performance.now();
    await client.query(insertBatch, [company, first, first + batch - 1]);
    if (first >= messages * 0.75) lastQuarterMs += performance.now() - startedAt;
  }
  const { rows } = await client.query<{ wal: string; index: string }>(
    "select pg_wal_lsn_diff(pg_current_wal_lsn(), $1) as wal, pg_relation_size('messages_pkey') as index",
    [lsn],
  );
  return {
    rows_per_s: messages / 4 / (lastQuarterMs / 1_000),
    index_mb: Number(rows[0]?.index) / 1024 ** 2,
    wal_bytes_per_row: Number(rows[0]?.wal) / messages,
  };
}

/** The keys are as random as those of WhatsApp. */
const insertBatch = `
  insert into messages (company_id, session_id, chat_id, direction, wa_key, type, body, source_order, occurred_at)
  select $1, $1, md5((i * 7919 % ${chats})::text)::uuid, i % 2, '3EB0' || upper(substr(md5(random()::text), 1, 18)), 0,
    'Bom dia! Vocês têm bolo de cenoura para sábado? ' || i,
    lpad((1700000000000 + i * 100)::text, 15, '0') || '-0000000001-' || lpad(i::text, 12, '0'), to_timestamp(1700000000 + i / 10.0)
  from generate_series($2::bigint, $3::bigint) i`;
