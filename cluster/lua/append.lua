-- Appends to a room's journal under a lease, renews the lease, and tells.
-- KEYS  room, journal
-- ARGV  node, epoch, milliseconds of a lease, number of the first and of the last entry (0 = none), entries as lines,
--       the command that publishes, then channel and payload of each publication
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local room = redis.call('HMGET', KEYS[1], 'node', 'epoch', 'n')
if room[1] ~= ARGV[1] or room[2] ~= ARGV[2] then return 'lost' end
if ARGV[4] == '0' then
	redis.call('HSET', KEYS[1], 'until', now + ARGV[3])
	return 'ok'
end
local id = ARGV[5] .. '-0'
if tonumber(ARGV[4]) ~= room[3] + 1 then
	-- The answer to the first try may have been lost. It is the same append when the same owner wrote the same.
	local there = redis.call('XRANGE', KEYS[2], id, id)[1]
	if there and there[2][2] == ARGV[2] and there[2][4] == ARGV[6] then return 'ok' end
	return 'lost'
end
redis.call('XADD', KEYS[2], id, 'epoch', ARGV[2], 'body', ARGV[6])
redis.call('HSET', KEYS[1], 'n', ARGV[5], 'at', now, 'until', now + ARGV[3])
for i = 8, #ARGV, 2 do
	redis.call(ARGV[7], ARGV[i], ARGV[i + 1])
end
return 'ok'
