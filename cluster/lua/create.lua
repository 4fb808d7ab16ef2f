-- Makes a room with its first entries.
-- KEYS  room, journal     ARGV  number of the last entry (0 = none), entries as lines
local t = redis.call('TIME')
if redis.call('EXISTS', KEYS[1]) == 1 then return 'exists' end
redis.call('HSET', KEYS[1], 'n', ARGV[1], 'at', t[1] * 1000 + math.floor(t[2] / 1000), 'epoch', 0, 'checkpoint', 0)
if ARGV[1] ~= '0' then
	redis.call('XADD', KEYS[2], ARGV[1] .. '-0', 'epoch', 0, 'body', ARGV[2])
end
return 'ok'
