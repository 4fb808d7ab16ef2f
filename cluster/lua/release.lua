-- Gives a room up, if the lease still holds.
-- KEYS  room     ARGV  node, epoch
local room = redis.call('HMGET', KEYS[1], 'node', 'epoch')
if room[1] == ARGV[1] and room[2] == ARGV[2] then
	redis.call('HDEL', KEYS[1], 'node', 'until')
end
return 'ok'
