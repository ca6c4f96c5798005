import { Script } from "./script.ts";

/**
 * KEYS log head, ARGV from, count → { entries, seq, link }. Atomic: an empty range is only conclusive together with the head of
 * the same moment. Not MULTI, because ioredis 5 never settles a transaction on a slot that is moving between Cluster nodes.
 */
export const readScript = new Script(`
local entries = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])
local head = redis.call('HMGET', KEYS[2], 'seq', 'link')
return { entries, head[1] or '', head[2] or '' }
`);
