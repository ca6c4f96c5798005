/** How much of a channel's log is kept. The same for all publishers of a system. */
export interface LogRetention {
  /** Entries up to this age are kept, unless the log reaches `maxBytes`. */
  windowMs: number;
  /** Size of the log, counted as the bytes of its payloads. */
  maxBytes: number;
}

export const defaultLogRetention: LogRetention = { windowMs: 10 * 60 * 1_000, maxBytes: 16 * 1024 * 1024 };

/** Entries within the newest bytes are kept regardless of their age: a quiet company's client may be away for hours. */
const keptBytes = 1024 * 1024;
/** A checkpoint is written after each step of bytes, 1/64 of the log. */
const checkpointsPerLog = 64;
/** It is due earlier after 1/60 of the window, if at least 1/16 of a step was published. */
const stepsPerWindow = 60;
const dueStepsPerStep = 16;
/** Steps below the limit to which a log is cut: the next checkpoint, an event that exceeds its step, and partly deleted nodes. */
const spareSteps = 3;
/** Upper bound of the checkpoints that one script call removes, and so of the entries that it deletes. */
const maxRemovedAtOnce = 8;

/**
 * Lua that bounds the log. A checkpoint states that all entries up to its `seq` were published before its `time`, and how many
 * bytes the log had received by then. Entries are deleted up to a checkpoint. So a publication costs a few comparisons, and once
 * per step a list operation and the deletion of about one step, which is 1/64 of `maxBytes` and at most one event more.
 *
 * KEYS[2] log, KEYS[5] checkpoints, ARGV[2] windowMs, ARGV[3] maxBytes. Locals: `now`, `seq`, `bytes` (received since the log's
 * start), `markedBytes` and `markedAt` (bytes and time of the newest checkpoint).
 */
export const retentionLua = `
local windowMs, maxBytes = tonumber(ARGV[2]), tonumber(ARGV[3])
local stepBytes = maxBytes / ${checkpointsPerLog}

local function removeOld()
  local count, lastSeq = 0, nil
  for _, checkpoint in ipairs(redis.call('LRANGE', KEYS[5], 0, ${maxRemovedAtOnce - 1})) do
    local seqText, time, before = string.match(checkpoint, '^(%d+) (%d+) (%d+)$')
    local newer = bytes - tonumber(before)
    local isOld = now - tonumber(time) > windowMs and newer >= ${keptBytes}
    local isStray = tonumber(seqText) > seq -- of an older log, left by a publisher that knows no checkpoints
    if newer <= maxBytes - ${spareSteps} * stepBytes and not isOld and not isStray then break end
    count = count + 1
    if not isStray then lastSeq = seqText end
  end
  if count == 0 then return end
  redis.call('LTRIM', KEYS[5], count, -1)
  if not lastSeq then return end
  redis.call('XTRIM', KEYS[2], 'MINID', '~', string.format('%.0f-0', tonumber(lastSeq) + 1), 'LIMIT', 0)
end

local function checkpoint(seqText)
  local since = bytes - markedBytes
  local isDue = math.abs(now - markedAt) >= windowMs / ${stepsPerWindow}
  if since < stepBytes and not (isDue and since >= stepBytes / ${dueStepsPerStep}) then return end
  markedBytes, markedAt = bytes, now
  redis.call('HSET', KEYS[1], 'marked', string.format('%.0f %.0f', bytes, now))
  redis.call('RPUSH', KEYS[5], string.format('%s %.0f %.0f', seqText, now, bytes))
  removeOld()
end
`;
