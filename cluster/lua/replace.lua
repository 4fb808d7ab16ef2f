-- Replaces a sum, if it still is what was read.
-- KEYS  sum     ARGV  version that was read (0 = there was none), value
local version = tonumber(redis.call('HMGET', KEYS[1], 'version')[1] or 0)
if version ~= tonumber(ARGV[1]) then return 'quicker' end
redis.call('HSET', KEYS[1], 'version', version + 1, 'value', ARGV[2])
return 'ok'
