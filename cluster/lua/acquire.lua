-- Makes a node the owner of a room, unless another node's lease holds.
-- KEYS  room, checkpoint     ARGV  node, milliseconds of a lease
-- Returns  epoch, n of the checkpoint, checkpoint
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local room = redis.call('HMGET', KEYS[1], 'epoch', 'node', 'until', 'checkpoint')
if not room[1] then return 'no room' end
if room[2] and room[2] ~= ARGV[1] and tonumber(room[3]) > now then return 'held' end
-- A clock in the epoch keeps it growing even where what was kept is lost.
local epoch = math.max(room[1] + 1, now)
redis.call('HSET', KEYS[1], 'epoch', epoch, 'node', ARGV[1], 'until', now + ARGV[2])
return {epoch, tonumber(room[4]), redis.call('GET', KEYS[2])}
