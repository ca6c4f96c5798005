import { headerVersion } from "../header.ts";
import { Script } from "./script.ts";

/** Must exceed the lifetime of any lease generation. Renewed when a newer generation raises the fence. */
const fenceSeconds = 30 * 24 * 60 * 60;

/** KEYS[1] fence, ARGV[1] session, ARGV[2] generation ("" for both: no fence). A newer generation raises the fence. */
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

/** KEYS fence channel, ARGV session, generation, expiresInMs, audience, frame → 1, or 0 if the generation is outdated. */
export const ephemeralScript = new Script(`${passFence}${sendFrame}
if not passes() then return 0 end
send(KEYS[2], ARGV[3], ARGV[4], ARGV[5])
return 1
`);

/** KEYS fence channel code, ARGV session, generation, ttlMs, audience, frame, data to store → 1 or 0. */
export const linkCodeScript = new Script(`${passFence}${sendFrame}
if not passes() then return 0 end
redis.call('SET', KEYS[3], ARGV[6], 'PX', ARGV[3])
send(KEYS[2], ARGV[3], ARGV[4], ARGV[5])
return 1
`);

/** KEYS fence code, ARGV session, generation → 1 or 0: an outdated owner must not delete the code of its successor. */
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
