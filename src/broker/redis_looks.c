/* The scripts of the Redis engine that look and administrate, in Lua. See redis_scripts.c.
 *
 * What there may be much of is done a thousand at a time: who calls asks again. */
#include "broker/redis_parts.h"

#include "broker/redis_lua.h"

/* The oldest ready one: of one priority that is the first, so each priority is asked for its
 * first, a thousand of them at most. Of those that are leased a thousand say who holds them.
 * Bodies that were pushed are as good as ready. */
const char *const stock_lua_stats[] = { LUA_HEAD, LUA_RING,
	"local ready, meta = p .. 'ready', p .. 'meta'\n"
	"local oldest, from = -1, '-inf'\n"
	"for _ = 1, 1000 do\n"
	"  local first = call('ZRANGEBYSCORE', ready, from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)\n"
	"  if not first[1] then break end\n"
	"  local born = call('HGET', q .. 'i:' .. first[1]:sub(-16), 'n')\n"
	"  oldest = math.max(oldest, now - (born or now))\n"
	"  from = '(' .. first[2]\n"
	"end\n"
	"local holders, held = 0, {}\n"
	"for _, m in ipairs(call('ZRANGE', p .. 'leased', 0, 999)) do\n"
	"  local who = call('HGET', q .. 'i:' .. m, 'h') or ''\n"
	"  if not held[who] then held[who] = true; holders = holders + 1 end\n"
	"end\n"
	"local cap = call('HGET', meta, 'cap') or call('HGET', q .. 'meta', 'cap')\n"
	"return { call('ZCARD', ready) + pushed(p), call('ZCARD', p .. 'delayed'),\n"
	"  call('ZCARD', p .. 'leased'), call('ZCARD', p .. 'dead'), call('ZCARD', p .. 'done'),\n"
	"  call('SCARD', p .. 'lost'), cap or 0, oldest, call('HGET', meta, 'finished') or 0,\n"
	"  call('HGET', meta, 'put') or 0, holders }\n", NULL };

/* ARGV: the name of a set, how many were seen of it, how many to show. Gives eleven for each.
 * Of the inbox only bodies: they are no items yet. */
const char *const stock_lua_peek[] = { LUA_HEAD, LUA_RING,
	"local set, from, to, all = ARGV[1], ARGV[2] + 0, ARGV[2] + ARGV[3] - 1, {}\n"
	"if set == 'in' then\n"
	"  local rung = call('HGET', p .. 'meta', 'rung') and true\n"
	"  for _, body in ipairs(call('LRANGE', inbox, from, to + 1)) do\n"
	"    if rung and body == mark then\n"
	"      rung = false\n"
	"    elseif #all < ARGV[3] * 11 then\n"
	"      for _, v in ipairs({ '0', '0', '0', '0', '0', 0, 0, false, false, false, body }) do\n"
	"        all[#all + 1] = v\n"
	"      end\n"
	"    end\n"
	"  end\n"
	"  return all\n"
	"end\n"
	"local some = call('ZRANGE', p .. set, from, to, 'WITHSCORES')\n"
	"for k = 1, #some, 2 do\n"
	"  local m = some[k]:sub(-16)\n"
	"  local has = call('HMGET', q .. 'i:' .. m, 'p', 'c', 'a', 'l', 'n', 'h', 'o', 't', 'b')\n"
	"  local due = (set == 'delayed' or set == 'leased') and math.max(some[k + 1] - now, 0)\n"
	"  if has[1] then\n"
	"    for _, v in ipairs({ m, has[1], has[2], has[3], has[4], now - has[5], due or 0,\n"
	"        set == 'leased' and has[6], has[7], has[8], has[9] }) do\n"
	"      all[#all + 1] = v\n"
	"    end\n"
	"  end\n"
	"end\n"
	"return all\n", NULL };

const char *const stock_lua_requeue[] = { LUA_HEAD, LUA_RING, LUA_READY,
	"local some = call('ZRANGE', p .. 'dead', 0, 999)\n"
	"for _, m in ipairs(some) do\n"
	"  local item = q .. 'i:' .. m\n"
	"  call('HDEL', item, 'a', 'l', 'o')\n"
	"  be_ready(p, m)\n"
	"end\n"
	"if some[1] then call('ZREM', p .. 'dead', unpack(some)) end\n"
	"ring(p)\n"
	"return #some\n", NULL };

const char *const stock_lua_purge[] = { LUA_HEAD,
	"local some = call('ZRANGE', p .. 'dead', 0, 999)\n"
	"for _, m in ipairs(some) do call('DEL', q .. 'i:' .. m) end\n"
	"if some[1] then call('ZREM', p .. 'dead', unpack(some)) end\n"
	"return #some\n", NULL };

/* ARGV: what to do, and of a binding its group and pattern; of a cap the number. Gives how
 * much was changed, or of 'bindings' these. */
const char *const stock_lua_bind[] = { LUA_HEAD,
	"local what, group = ARGV[1], ARGV[2]\n"
	"if what == 'bindings' then return call('SMEMBERS', q .. 'bindings') end\n"
	LUA_MAKE
	"if what == 'cap' then\n"
	"  call('HSET', p .. 'meta', 'cap', group)\n"
	"  return 0\n"
	"end\n"
	"if what == 'unbind' then return call('SREM', q .. 'bindings', group .. ':' .. ARGV[3]) end\n"
	"call('SADD', q .. 'groups', group)\n"
	"return call('SADD', q .. 'bindings', group .. ':' .. ARGV[3])\n", NULL };

/* ARGV: '' or the group that is dropped. Gives how many items went, and whether all is gone.
 * The queue goes after its groups. */
const char *const stock_lua_drop[] = { LUA_HEAD,
	"local count = 0\n"
	"local function empty(part)\n"
	"  for _, name in ipairs({ 'ready', 'delayed', 'leased', 'dead', 'done' }) do\n"
	"    local some = call('ZRANGE', part .. name, 0, 999 - count)\n"
	"    for _, r in ipairs(some) do call('DEL', q .. 'i:' .. r:sub(-16)) end\n"
	"    if some[1] then call('ZREM', part .. name, unpack(some)) end\n"
	"    count = count + #some\n"
	"    if count == 1000 then return false end\n"
	"  end\n"
	"  for _, name in ipairs({ 'in', 'lost', 'suspects', 'seen' }) do\n"
	"    call('UNLINK', part .. name)\n"
	"  end\n"
	"  call('HDEL', part .. 'meta', 'put', 'finished', 'cap', 'rung', 'push', 'version')\n"
	"  return true\n"
	"end\n"
	"local function drop(group)\n"
	"  if not empty(q .. '@' .. group .. ':') then return false end\n"
	"  for _, text in ipairs(call('SMEMBERS', q .. 'bindings')) do\n"
	"    if text:match('^[^:]*') == group then call('SREM', q .. 'bindings', text) end\n"
	"  end\n"
	"  call('SREM', q .. 'groups', group)\n"
	"  return true\n"
	"end\n"
	"if ARGV[1] ~= '' then\n"
	"  local whole = drop(ARGV[1])\n"
	"  return { count, whole and 1 or 0 }\n"
	"end\n"
	"for _, group in ipairs(call('SMEMBERS', q .. 'groups')) do\n"
	"  if not drop(group) then return { count, 0 } end\n"
	"end\n"
	"if not empty(q) then return { count, 0 } end\n"
	"call('UNLINK', q .. 'bindings', q .. 'groups', q .. 'push')\n"
	"call('EXPIRE', q .. 'meta', 86400)\n"
	"return { count, 1 }\n", NULL };

/* ARGV: items, as M. Those that are in no set are ready again. Gives how many. */
const char *const stock_lua_sweep[] = { LUA_HEAD, LUA_RING, LUA_READY,
	"local count, parts = 0, {}\n"
	"local function is_somewhere(part, m, rank)\n"
	"  for _, name in ipairs({ 'delayed', 'leased', 'dead', 'done' }) do\n"
	"    if call('ZSCORE', part .. name, m) then return true end\n"
	"  end\n"
	"  return call('ZSCORE', part .. 'ready', (rank or '') .. m)\n"
	"end\n"
	"for _, m in ipairs(ARGV) do\n"
	"  local has = call('HMGET', q .. 'i:' .. m, 'p', 'g', 'r')\n"
	"  local part = has[2] and q .. '@' .. has[2] .. ':' or q\n"
	"  if has[1] and not is_somewhere(part, m, has[3]) then\n"
	"    be_ready(part, m)\n"
	"    parts[part] = true\n"
	"    count = count + 1\n"
	"  end\n"
	"end\n"
	"for part in pairs(parts) do ring(part) end\n"
	"return count\n", NULL };

/* ARGV: how many finished ones are kept, and for how many ms; -1: nobody knows. Gives how much
 * went, and whether there is more. */
const char *const stock_lua_tidy[] = { LUA_HEAD,
	"local old = call('ZRANGEBYSCORE', p .. 'seen', '-inf', now, 'LIMIT', 0, 1000)\n"
	"if old[1] then call('ZREM', p .. 'seen', unpack(old)) end\n"
	"local keep, span, some = ARGV[1] + 0, ARGV[2] + 0, {}\n"
	"local most = math.min(call('ZCARD', p .. 'done') - keep, 1000)\n"
	"if keep >= 0 and most > 0 then\n"
	"  some = call('ZRANGEBYSCORE', p .. 'done', '-inf', now - span, 'LIMIT', 0, most)\n"
	"  for _, m in ipairs(some) do call('DEL', q .. 'i:' .. m) end\n"
	"  if some[1] then call('ZREM', p .. 'done', unpack(some)) end\n"
	"end\n"
	"return { #old + #some, (#old == 1000 or #some == 1000) and 1 or 0 }\n", NULL };
