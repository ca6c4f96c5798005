import { headerVersion } from "../header.ts";
import { retentionLua } from "./log-retention.ts";
import { Script } from "./script.ts";

const logSeconds = 24 * 60 * 60;
/** Must exceed the log's TTL: a log must never outlive its head. */
const headSeconds = 30 * 24 * 60 * 60;
/** Not shorter than the log's TTL: an older cursor cannot be resumed anyway. */
const rightsSeconds = logSeconds;
/** Period for which an id is known at least, unless `onceLimit` newer ones were published within it. */
const onceSeconds = 600;
const onceLimit = 100_000;
/**
 * A field that is longer than `hash-max-listpack-value` (64 bytes), so that Redis stores the ids as a hash table. It would search a
 * listpack of up to 512 ids from end to end for each new id.
 */
const tableField = "-".repeat(65);
/** The number of ids is checked and TTLs are renewed once per this number of events or seconds, not on every call. */
const upkeepEvents = 64;
const upkeepSeconds = 60;
/** TTL that lasts `seconds` beyond the next renewal. */
const ttl = (seconds: number) => seconds + upkeepSeconds;

/** KEYS head log olderPositions positions checkpoints rights: deletes the remains of an older log with its ids, and starts a new log. */
const genesis = `
local epoch = '0'
local function genesis(link)
  redis.call('DEL', KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6])
  -- The start time in milliseconds, so that a later log has a greater epoch.
  local startedAt = redis.call('TIME')
  epoch = startedAt[1] .. string.sub(string.format('%06d', tonumber(startedAt[2])), 1, 3)
  redis.call('HSET', KEYS[1], 'seq', '0', 'link', link, 'tended', '0', 'epoch', epoch, 'bytes', '0', 'marked', '0 0',
    'turned', epoch)
  redis.call('EXPIRE', KEYS[1], ${ttl(headSeconds)})
end
`;

/** Reads the head. Without a head nothing proves what the log belongs to, so a new one starts with ARGV[1] as its link. */
const openHead = `${genesis}
local head = redis.call('HMGET', KEYS[1], 'seq', 'link', 'tended', 'bytes', 'marked', 'epoch', 'turned')
epoch = head[6] or '0'
local seq, link, isNew, tended = tonumber(head[1] or nil), head[2], 0, tonumber(head[3] or '0')
if not seq or not link then
  seq, link, isNew = 0, ARGV[1], 1
  genesis(link)
end
`;

/** KEYS head log olderPositions positions checkpoints rights, ARGV genesisLink → { isNew, seq, link, epoch }. */
export const headScript = new Script(`${openHead}
return { isNew, string.format('%.0f', seq), link, epoch }
`);

/**
 * KEYS head log olderPositions positions checkpoints rights, ARGV genesisLink, then event ids → 0 if there are ids and all are known,
 * else 1: a new log was started.
 */
export const restartUnlessKnownScript = new Script(`${genesis}
local isKnown = #ARGV > 1
for i = 2, #ARGV do
  isKnown = isKnown and (redis.call('HEXISTS', KEYS[4], ARGV[i]) == 1 or redis.call('HEXISTS', KEYS[3], ARGV[i]) == 1)
end
if isKnown then return 0 end
genesis(ARGV[1])
return 1
`);

/**
 * KEYS head log olderPositions positions checkpoints rights channel, ARGV genesisLink, windowMs, maxBytes (see `LogRetention`), then
 * per event: id, link, audience (with its mark), fields of `rights` to set, the frame without its "{".
 * → { isNew, epoch, cursor, cursor, … }. Atomic, so the log and the channel have the same order.
 * If Redis refuses an XADD because its id is too small, the head is older than the log (restored manually): a new log starts.
 */
export const publishScript = new Script(`${openHead}
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local bytes, markedBytes, markedAt = 0, 0, 0
if isNew == 0 then
  bytes = tonumber(head[4] or '0')
  local before, at = string.match(head[5] or '', '^(%d+) (%d+)$')
  markedBytes, markedAt = tonumber(before or '0'), tonumber(at or '0')
end
${retentionLua}
-- Once per call instead of once per event.
local hasAppended = false
local function writeHead()
  if not hasAppended then return end
  redis.call('HSET', KEYS[1], 'seq', string.format('%.0f', seq), 'link', link, 'bytes', string.format('%.0f', bytes))
end

-- The newer hash of ids replaces the older one after each period, so an id is known for one to two periods.
local turnedAt, hasTurned = tonumber(head[7] or nil), false
if isNew == 0 and turnedAt and math.abs(now - turnedAt) >= ${onceSeconds * 1_000} then
  hasTurned = true
  redis.call('HSET', KEYS[1], 'turned', now) -- first, because Redis refuses it, unlike the others, when its memory is full
  redis.call('UNLINK', KEYS[3])
  if redis.call('EXISTS', KEYS[4]) == 1 then redis.call('RENAME', KEYS[4], KEYS[3]) end
end

local function upkeep()
  redis.call('HSET', KEYS[4], '${tableField}', '') -- also creates the key, so that a TTL can be set
  redis.call('EXPIRE', KEYS[1], ${ttl(headSeconds)})
  redis.call('EXPIRE', KEYS[2], ${ttl(logSeconds)})
  redis.call('EXPIRE', KEYS[3], ${ttl(onceSeconds)})
  redis.call('EXPIRE', KEYS[4], ${ttl(onceSeconds)})
  redis.call('EXPIRE', KEYS[5], ${ttl(logSeconds)})
  redis.call('HSET', KEYS[1], 'tended', now)
  if redis.call('HLEN', KEYS[4]) > ${onceLimit} then
    redis.call('HSET', KEYS[1], 'turned', 0)
  elseif isNew == 0 and not turnedAt then
    redis.call('HSET', KEYS[1], 'turned', now) -- the log was started by an earlier release
  end
end

local ids, older = {}, {}
for i = 4, #ARGV, 5 do ids[#ids + 1] = ARGV[i] end
for i, cursor in ipairs(redis.call('HMGET', KEYS[3], unpack(ids))) do older[ids[i]] = cursor end

-- The id is stored first: HSETNX both checks that it is new and marks it as known.
local function append(id, nextLink, audience, fields, body)
  if older[id] then return older[id] end
  local number = string.format('%.0f', seq + 1)
  local cursor = number .. '.' .. nextLink
  if redis.call('HSETNX', KEYS[4], id, cursor) == 0 then return redis.call('HGET', KEYS[4], id) end
  local payload = '${headerVersion} ' .. number .. ' ' .. nextLink .. ' ' .. link .. ' 0 ' .. audience .. '\\n'
    .. '{"seq":' .. number .. ',"cursor":"' .. cursor .. '",' .. body
  local added = redis.pcall('XADD', KEYS[2], number .. '-0', 'p', payload)
  if type(added) == 'table' and added.err then
    redis.call('HDEL', KEYS[4], id)
    return nil, added.err
  end
  seq, link, bytes, hasAppended = seq + 1, nextLink, bytes + #payload, true
  checkpoint(number)
  if fields ~= '' then
    for field in string.gmatch(fields, '%S+') do redis.call('HSET', KEYS[6], field, number) end
    redis.call('EXPIRE', KEYS[6], ${rightsSeconds})
  end
  redis.call('PUBLISH', KEYS[7], payload)
  return cursor
end

local before, cursors = seq, {}
for i = 4, #ARGV, 5 do
  local cursor, fault = append(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4])
  if fault and string.find(fault, 'equal or smaller', 1, true) then
    seq, link, isNew = 0, ARGV[1], 1
    bytes, markedBytes, markedAt, older = 0, 0, 0, {}
    genesis(link)
    cursor, fault = append(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4])
  end
  if not cursor then
    writeHead()
    return redis.error_reply(fault)
  end
  cursors[#cursors + 1] = cursor
end
writeHead()
if isNew == 1 or hasTurned or math.abs(now - tended) > ${upkeepSeconds * 1_000}
  or math.floor(before / ${upkeepEvents}) ~= math.floor(seq / ${upkeepEvents}) then
  upkeep()
end
return { isNew, epoch, unpack(cursors) }
`);
