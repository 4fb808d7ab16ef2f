-- Deletes a room that nobody owns and that was last written to before a time.
-- KEYS  room, journal, checkpoint     ARGV  that time (Unix milliseconds)
-- Returns  'gone' when it was not there, 'pruned', or when it was written to
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local room = redis.call('HMGET', KEYS[1], 'at', 'until')
if not room[1] then return 'gone' end
if tonumber(room[1]) < tonumber(ARGV[1]) and not (room[2] and tonumber(room[2]) > now) then
	redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3])
	return 'pruned'
end
return room[1]
