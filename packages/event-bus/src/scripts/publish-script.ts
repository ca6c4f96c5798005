import { headerVersion } from "../header.ts";
import { Script } from "./script.ts";

/** Longest tail a browser can resume from; longer away means refetch. */
const logLength = 2_000;
const logSeconds = 24 * 60 * 60;
/** Longer than the log, so that a log without its head can't be. */
const headSeconds = 30 * 24 * 60 * 60;
const onceSeconds = 600;
const onceLimit = 100_000;

/** KEYS head log once places: a log begins, and what is left of an older one goes, with the ids whose positions were in it. */
const genesis = `
local function genesis(link)
  redis.call('DEL', KEYS[2], KEYS[3], KEYS[4])
  redis.call('HSET', KEYS[1], 'seq', '0', 'link', link)
  redis.call('EXPIRE', KEYS[1], ${headSeconds})
end
`;

/** Without a head there is no proof of what the log belongs to. ARGV[1] is the link to begin with. */
const openHead = `${genesis}
local head = redis.call('HMGET', KEYS[1], 'seq', 'link')
local seq, link, isNew = tonumber(head[1] or nil), head[2], 0
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
 * → { isNew, seq, link, seq, link, … }. One atomic step, so the order of the log is the order of the channel.
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
forget(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now - ${onceSeconds * 1_000}, 'LIMIT', 0, 500))
local excess = redis.call('ZCARD', KEYS[3]) - ${onceLimit}
if excess > 0 then forget(redis.call('ZRANGE', KEYS[3], 0, math.min(excess, 500) - 1)) end

local function append(id, nextLink, audience, body)
  local number = string.format('%.0f', seq + 1)
  local payload = '${headerVersion} ' .. number .. ' ' .. nextLink .. ' ' .. link .. ' 0 ' .. audience .. '\\n'
    .. '{"seq":' .. number .. ',"cursor":"' .. number .. '.' .. nextLink .. '",' .. body
  local added = redis.pcall('XADD', KEYS[2], 'MAXLEN', '~', ${logLength}, number .. '-0', 'p', payload)
  if type(added) == 'table' and added.err then return nil, added.err end
  redis.call('HSET', KEYS[1], 'seq', number, 'link', nextLink)
  redis.call('ZADD', KEYS[3], now, id)
  redis.call('HSET', KEYS[4], id, number .. '.' .. nextLink)
  seq, link = seq + 1, nextLink
  redis.call('PUBLISH', KEYS[5], payload)
  return number
end

local positions = {}
for i = 2, #ARGV, 4 do
  local id = ARGV[i]
  local first = redis.call('HGET', KEYS[4], id)
  if first then
    local number, firstLink = string.match(first, '^(%d+)%.(%x+)$')
    positions[#positions + 1] = number
    positions[#positions + 1] = firstLink
  else
    local number, fault = append(id, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
    if not number and string.find(fault, 'equal or smaller', 1, true) then
      seq, link, isNew = 0, ARGV[1], 1
      genesis(link)
      number, fault = append(id, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
    end
    if not number then return redis.error_reply(fault) end
    positions[#positions + 1] = number
    positions[#positions + 1] = ARGV[i + 1]
  end
end
redis.call('EXPIRE', KEYS[2], ${logSeconds})
redis.call('EXPIRE', KEYS[1], ${headSeconds})
redis.call('EXPIRE', KEYS[3], ${onceSeconds})
redis.call('EXPIRE', KEYS[4], ${onceSeconds})
return { isNew, unpack(positions) }
`);
