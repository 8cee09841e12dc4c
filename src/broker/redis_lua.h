/* What all scripts of the Redis engine have in common, in Lua. See redis_scripts.c. */
#ifndef PQ_BROKER_REDIS_LUA_H
#define PQ_BROKER_REDIS_LUA_H

#define LUA_HEAD \
	"if not KEYS[1] then return end\n" \
	"local call, inbox = redis.call, KEYS[1]\n" \
	"local p = inbox:sub(1, -3)\n" \
	"local q = p:match('^pq:{[^}]*}:')\n" \
	"local time = call('TIME')\n" \
	"local now = time[1] * 1000 + math.floor(time[2] / 1000)\n" \
	"local version = call('HGET', q .. 'meta', 'version')\n" \
	"if version and version ~= '1' then\n" \
	"  return redis.error_reply('PQNEWER ' .. version)\n" \
	"end\n"

/* One that was dropped is remembered for a while: ids are never used again. */
#define LUA_MAKE \
	"if not version then\n" \
	"  call('HSET', q .. 'meta', 'version', 1)\n" \
	"  call('HSETNX', q .. 'meta', 'id',\n" \
	"    redis.sha1hex(time[1] .. '.' .. time[2] .. q):sub(1, 16))\n" \
	"  call('PERSIST', q .. 'meta')\n" \
	"end\n"

/* Who sleeps waits for something to be in the inbox (BLMOVE to where it is). So there is a
 * mark in it for as long as something is ready. Any other that is equal to it is as good:
 * what one program pushes is never taken for it. */
#define LUA_RING \
	"local mark = 'pq: some are ready'\n" \
	"local function pushed(part)\n" \
	"  local rung = call('HGET', part .. 'meta', 'rung')\n" \
	"  return math.max(call('LLEN', part .. 'in') - (rung and 1 or 0), 0)\n" \
	"end\n" \
	"local function silence(part)\n" \
	"  call('LREM', part .. 'in', 1, mark)\n" \
	"  call('HDEL', part .. 'meta', 'rung')\n" \
	"end\n" \
	"local function ring(part)\n" \
	"  local some = call('EXISTS', part .. 'ready') == 1\n" \
	"  local rung = call('HGET', part .. 'meta', 'rung')\n" \
	"  if some and not rung then\n" \
	"    call('LPUSH', part .. 'in', mark)\n" \
	"    call('HSET', part .. 'meta', 'rung', 1)\n" \
	"  elseif rung and not some then\n" \
	"    silence(part)\n" \
	"  end\n" \
	"end\n"

/* An item whose hash is gone was evicted, or taken out by hand: that is told. */
#define LUA_READY \
	"local gone = {}\n" \
	"local function missed(m)\n" \
	"  gone[#gone + 1] = ('%d was taken out of Redis by somebody else'):format(m)\n" \
	"end\n" \
	"local function be_ready(part, m)\n" \
	"  local has = call('HMGET', q .. 'i:' .. m, 'p', 'r')\n" \
	"  if has[1] then\n" \
	"    call('ZADD', part .. 'ready', has[1], (has[2] or '') .. m)\n" \
	"  else\n" \
	"    missed(m)\n" \
	"  end\n" \
	"end\n"

#endif
