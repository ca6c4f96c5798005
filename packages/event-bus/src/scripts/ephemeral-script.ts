import { headerVersion } from "../header.ts";
import { Script } from "./script.ts";

/** Longer than any lease lives; raised again by every publication of a session. */
const fenceSeconds = 30 * 24 * 60 * 60;

/** KEYS[1] is the fence, ARGV[1] and ARGV[2] session and generation ("" : no fence). A newer generation raises it. */
const passFence = `
local function passes()
  if ARGV[1] == '' then return true end
  local generation = tonumber(ARGV[2])
  local newest = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or nil)
  if newest and newest > generation then return false end
  if newest ~= generation then
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
    redis.call('EXPIRE', KEYS[1], ${fenceSeconds})
  end
  return true
end
`;

const sendFrame = `
local function send(channel, expiresInMs, audience, frame)
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  local expiresAt = string.format('%.0f', now + tonumber(expiresInMs))
  redis.call('PUBLISH', channel, '${headerVersion} 0 - - ' .. expiresAt .. ' ' .. audience .. '\\n' .. frame)
end
`;

/** KEYS fence channel, ARGV session, generation, expiresInMs, audience, frame → 1, or 0 when an old owner spoke. */
export const ephemeralScript = new Script(`${passFence}${sendFrame}
if not passes() then return 0 end
send(KEYS[2], ARGV[3], ARGV[4], ARGV[5])
return 1
`);

/** KEYS fence channel code, ARGV session, generation, ttlMs, audience, frame, data to keep → 1 or 0. */
export const linkCodeScript = new Script(`${passFence}${sendFrame}
if not passes() then return 0 end
redis.call('SET', KEYS[3], ARGV[6], 'PX', ARGV[3])
send(KEYS[2], ARGV[3], ARGV[4], ARGV[5])
return 1
`);

/** KEYS fence code, ARGV session, generation → 1 or 0: an old owner must not take away its successor's code. */
export const clearLinkCodeScript = new Script(`${passFence}
if not passes() then return 0 end
redis.call('DEL', KEYS[2])
return 1
`);

/** KEYS fence, ARGV session, generation → 1 or 0. */
export const raiseFenceScript = new Script(`${passFence}
if not passes() then return 0 end
return 1
`);
