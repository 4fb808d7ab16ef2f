-- Keeps the state of a room after an entry, under a lease, and renews the lease.
-- KEYS  room, checkpoint     ARGV  node, epoch, milliseconds of a lease, number of the entry, state
local t = redis.call('TIME')
local room = redis.call('HMGET', KEYS[1], 'node', 'epoch')
if room[1] ~= ARGV[1] or room[2] ~= ARGV[2] then return 'lost' end
redis.call('SET', KEYS[2], ARGV[5])
redis.call('HSET', KEYS[1], 'checkpoint', ARGV[4], 'until', t[1] * 1000 + math.floor(t[2] / 1000) + ARGV[3])
return 'ok'
