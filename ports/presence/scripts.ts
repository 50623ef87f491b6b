// The Redis side of presence. All times are the server's own (`TIME`), so gateways' clocks do not matter.
// Keys: `<p>u:<user>` sorted set of leases (`<gateway> <session> <status>`) by expiry; `<p>live` users by their latest
// expiry; `<p>d:<device>` what it confirmed last (`<word> <ms>`) and `<p>w:<word>` the places of that; `<p>rows` hash of projected rows (`position|json`); `<p>active` those of them that are not offline.
import { script } from '../redis.ts';

const now = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** Keeps `<p>live` and the key's own expiry in step with the person's leases. */
const settle = `
local function settle(key, live, user)
  local top = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
  if top[2] then
    redis.call('ZADD', live, top[2], user)
    redis.call('PEXPIREAT', key, top[2])
  else
    redis.call('ZREM', live, user)
  end
end
`;

/** KEYS: leases, live. ARGV: user, lease (`<gateway> <session>`), status, leaseMs. Answers 1 when nobody else held one. */
export const openScript = script(`${now}${settle}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZREM', KEYS[1], ARGV[2] .. ' online', ARGV[2] .. ' away')
local others = redis.call('ZCARD', KEYS[1])
redis.call('ZADD', KEYS[1], now + ARGV[4], ARGV[2] .. ' ' .. ARGV[3])
settle(KEYS[1], KEYS[2], ARGV[1])
return others == 0 and 1 or 0
`);

/** KEYS: leases, live. ARGV: user, lease. Answers 1 when none is left. */
export const endScript = script(`${now}${settle}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZREM', KEYS[1], ARGV[2] .. ' online', ARGV[2] .. ' away')
settle(KEYS[1], KEYS[2], ARGV[1])
return redis.call('ZCARD', KEYS[1]) == 0 and 1 or 0
`);

/** KEYS: live, then leases of each user. ARGV: leaseMs, then user, lease, status of each. */
export const renewScript = script(`${now}${settle}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
for i = 2, #KEYS do
  local at = (i - 2) * 3 + 2
  local lease = ARGV[at + 1]
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now)
  redis.call('ZREM', KEYS[i], lease .. ' online', lease .. ' away')
  redis.call('ZADD', KEYS[i], now + ARGV[1], lease .. ' ' .. ARGV[at + 2])
  settle(KEYS[i], KEYS[1], ARGV[at])
end
return 1
`);

/** KEYS: the word, then each device. ARGV: how long it is kept, the word's name, the places. */
export const confirmScript = script(`${now}
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[1])
for i = 2, #KEYS do
  redis.call('SET', KEYS[i], ARGV[2] .. ' ' .. string.format('%.0f', now), 'PX', ARGV[1])
end
return 1
`);

/** KEYS: leases of each user. Answers a status for each. */
export const liveScript = script(`${now}
local found = {}
for i, key in ipairs(KEYS) do
  local status = 'offline'
  for _, lease in ipairs(redis.call('ZRANGEBYSCORE', key, '(' .. now, '+inf')) do
    if string.sub(lease, -7) == ' online' then status = 'online' break end
    status = 'away'
  end
  found[i] = status
end
return found
`);

/** KEYS: rows, active. ARGV: user, position, status, row as JSON, of each. Taken only where the position is newer. */
export const projectScript = script(`
for i = 1, #ARGV, 4 do
  local kept = redis.call('HGET', KEYS[1], ARGV[i])
  local position = kept and tonumber(string.match(kept, '^%d+')) or -1
  if tonumber(ARGV[i + 1]) > position then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1] .. '|' .. ARGV[i + 3])
    if ARGV[i + 2] == 'offline' then
      redis.call('ZREM', KEYS[2], ARGV[i])
    else
      redis.call('ZADD', KEYS[2], 0, ARGV[i])
    end
  end
end
return 1
`);

/**
 * KEYS: rows, active. ARGV: user, what was seen (empty: nothing), what is right (`position|json`, empty: nothing), 1 when
 * active, of each. What has changed since stays.
 */
export const restoreScript = script(`
for i = 1, #ARGV, 4 do
  local kept = redis.call('HGET', KEYS[1], ARGV[i]) or ''
  if kept == ARGV[i + 1] then
    if ARGV[i + 2] == '' then
      redis.call('HDEL', KEYS[1], ARGV[i])
    else
      redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2])
    end
    if ARGV[i + 3] == '1' then
      redis.call('ZADD', KEYS[2], 0, ARGV[i])
    else
      redis.call('ZREM', KEYS[2], ARGV[i])
    end
  end
end
return 1
`);
