import { Script } from "./script.ts";

/**
 * KEYS log head, ARGV from, count → { entries, seq, link }. One atomic step: an empty range proves something only
 * together with the head of the same moment. (Not MULTI: a transaction that meets a slot on its way from one node of a
 * Cluster to another is never answered by ioredis 5.)
 */
export const readScript = new Script(`
local entries = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])
local head = redis.call('HMGET', KEYS[2], 'seq', 'link')
return { entries, head[1] or '', head[2] or '' }
`);
