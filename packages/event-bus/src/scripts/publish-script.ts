import { headerVersion } from "../header.ts";
import { Script } from "./script.ts";

/** Longest tail a browser can resume from; longer away means refetch. */
const logLength = 2_000;
const logSeconds = 24 * 60 * 60;
/** Longer than the log, so that a log without its head can't be. */
const headSeconds = 30 * 24 * 60 * 60;
const onceSeconds = 600;
const onceLimit = 100_000;
/** What is old is looked for, and lifetimes are renewed, once in so many events or seconds: most calls do without. */
const [tendEvery, tendSeconds] = [64, 60];
const lives = (seconds: number) => seconds + tendSeconds;

/** KEYS head log once places: a log begins, and what is left of an older one goes, with the ids whose positions were in it. */
const genesis = `
local function genesis(link)
  redis.call('DEL', KEYS[2], KEYS[3], KEYS[4])
  redis.call('HSET', KEYS[1], 'seq', '0', 'link', link, 'tended', '0')
  redis.call('EXPIRE', KEYS[1], ${lives(headSeconds)})
end
`;

/** Without a head there is no proof of what the log belongs to. ARGV[1] is the link to begin with. */
const openHead = `${genesis}
local head = redis.call('HMGET', KEYS[1], 'seq', 'link', 'tended')
local seq, link, isNew, tended = tonumber(head[1] or nil), head[2], 0, tonumber(head[3] or '0')
if not seq or not link then
  seq, link, isNew = 0, ARGV[1], 1
  genesis(link)
end
`;

/** KEYS head log once places, ARGV genesisLink → { isNew, seq, link }. */
export const headScript = new Script(`${openHead}
return { isNew, string.format('%.0f', seq), link }
`);

/** KEYS head log once places, ARGV genesisLink, then event ids → 1 when one of them is not known, so that the log began anew. */
export const restartUnlessKnownScript = new Script(`${genesis}
for i = 2, #ARGV do
  if redis.call('HEXISTS', KEYS[4], ARGV[i]) == 0 then
    genesis(ARGV[1])
    return 1
  end
end
return 0
`);

/**
 * KEYS head log once places channel, ARGV genesisLink, then per event: id, link, audience, the frame without its "{".
 * → { isNew, cursor, cursor, … }. One atomic step, so the order of the log is the order of the channel.
 * An XADD that Redis refuses as too small means a head older than its log (restored by hand): begin anew.
 */
export const publishScript = new Script(`${openHead}
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function forget(ids)
  if #ids == 0 then return end
  redis.call('ZREM', KEYS[3], unpack(ids))
  redis.call('HDEL', KEYS[4], unpack(ids))
end

local function tend()
  forget(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now - ${onceSeconds * 1_000}, 'LIMIT', 0, 500))
  local excess = redis.call('ZCARD', KEYS[3]) - ${onceLimit}
  if excess > 0 then forget(redis.call('ZRANGE', KEYS[3], 0, math.min(excess, 500) - 1)) end
  redis.call('EXPIRE', KEYS[1], ${lives(headSeconds)})
  redis.call('EXPIRE', KEYS[2], ${lives(logSeconds)})
  redis.call('EXPIRE', KEYS[3], ${lives(onceSeconds)})
  redis.call('EXPIRE', KEYS[4], ${lives(onceSeconds)})
  redis.call('HSET', KEYS[1], 'tended', now)
end

-- Its id first: that it is new and that it is known from now on are one command.
local function append(id, nextLink, audience, body)
  local number = string.format('%.0f', seq + 1)
  local place = number .. '.' .. nextLink
  if redis.call('HSETNX', KEYS[4], id, place) == 0 then return redis.call('HGET', KEYS[4], id) end
  local payload = '${headerVersion} ' .. number .. ' ' .. nextLink .. ' ' .. link .. ' 0 ' .. audience .. '\\n'
    .. '{"seq":' .. number .. ',"cursor":"' .. place .. '",' .. body
  local added = redis.pcall('XADD', KEYS[2], 'MAXLEN', '~', ${logLength}, number .. '-0', 'p', payload)
  if type(added) == 'table' and added.err then
    redis.call('HDEL', KEYS[4], id)
    return nil, added.err
  end
  redis.call('HSET', KEYS[1], 'seq', number, 'link', nextLink)
  redis.call('ZADD', KEYS[3], now, id)
  seq, link = seq + 1, nextLink
  redis.call('PUBLISH', KEYS[5], payload)
  return place
end

local before, positions = seq, {}
for i = 2, #ARGV, 4 do
  local place, fault = append(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
  if fault and string.find(fault, 'equal or smaller', 1, true) then
    seq, link, isNew = 0, ARGV[1], 1
    genesis(link)
    place, fault = append(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
  end
  if not place then return redis.error_reply(fault) end
  positions[#positions + 1] = place
end
if isNew == 1 or math.abs(now - tended) > ${tendSeconds * 1_000}
  or math.floor(before / ${tendEvery}) ~= math.floor(seq / ${tendEvery}) then
  tend()
end
return { isNew, unpack(positions) }
`);
