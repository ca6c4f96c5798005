import { Script } from "./script.ts";

/** Entries that one range command reads, so that a script never copies much more than its budget. */
const entriesPerCommand = 32;

/** Collects entries until the budget of bytes is used up. At least one entry is returned, however large it is. */
const collect = `
local entries, bytes = {}, 0
local function collect(part, maxBytes)
  for _, entry in ipairs(part) do
    bytes = bytes + #entry[2][2]
    if #entries > 0 and bytes > maxBytes then return false end
    entries[#entries + 1] = entry
  end
  return #part == ${entriesPerCommand}
end
`;

/**
 * KEYS log head, ARGV from, maxBytes → { entries, seq, link, isLast }. Atomic: an empty range is only conclusive together with the
 * head of the same moment. Not MULTI, because ioredis 5 never settles a transaction on a slot that is moving between Cluster nodes.
 */
export const readScript = new Script(`${collect}
local from, isLast = ARGV[1], 1
local part
repeat
  part = redis.call('XRANGE', KEYS[1], from, '+', 'COUNT', ${entriesPerCommand})
  local hasMore = collect(part, tonumber(ARGV[2]))
  if #part > 0 then from = '(' .. part[#part][1] end
until not hasMore
if #part > 0 and entries[#entries][1] ~= part[#part][1] then isLast = 0 end
local head = redis.call('HMGET', KEYS[2], 'seq', 'link')
return { entries, head[1] or '', head[2] or '', isLast }
`);

/** KEYS log, ARGV from, to, maxBytes → the newest entries of the range, newest first. */
export const readBackScript = new Script(`${collect}
local to = ARGV[2]
local part
repeat
  part = redis.call('XREVRANGE', KEYS[1], to, ARGV[1], 'COUNT', ${entriesPerCommand})
  if #part > 0 then to = '(' .. part[#part][1] end
until not collect(part, tonumber(ARGV[3]))
return entries
`);
