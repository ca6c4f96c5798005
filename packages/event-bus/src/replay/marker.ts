import { keys } from "@syszap/contracts";
import type { Cluster, Redis } from "ioredis";
import { guarded } from "../errors.ts";
import { Script } from "../scripts/script.ts";

/** States what a Redis is known to contain. It is stored in that Redis, so it returns to an earlier state together with the data. */
export interface Marker {
  /** The Redis to which lost events were last published again. */
  identity: string;
  /** Epoch milliseconds. Every event published before is in this Redis, or its company's log was started anew afterwards. */
  completeAt: number;
  /** When the events must be published again once more; 0 if that is done. */
  repeatAt: number;
}

/**
 * KEYS marker, ARGV identity, completeAt, repeatAt → 1, or 0 if the script runs on another Redis: after a failover, a marker of the
 * lost Redis must not appear in the new one.
 */
const writeScript = new Script(`
local function field(section, name)
  return string.match(redis.call('INFO', section), name .. ':(%w+)') or ''
end
local own = field('server', 'run_id') .. '/' .. field('replication', 'master_replid')
if not string.find(ARGV[1], own, 1, true) then return 0 end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2] .. ' ' .. ARGV[3])
return 1
`);

export async function readMarker(redis: Redis | Cluster): Promise<Marker | undefined> {
  const text = await guarded(() => redis.get(keys.replayed));
  const [identity, completeAt = "0", repeatAt = "0"] = (text ?? "").split(" ");
  return identity ? { identity, completeAt: Number(completeAt), repeatAt: Number(repeatAt) } : undefined;
}

export async function writeMarker(redis: Redis | Cluster, { identity, completeAt, repeatAt }: Marker): Promise<void> {
  await writeScript.run(redis, [keys.replayed], [identity, completeAt, repeatAt]);
}
