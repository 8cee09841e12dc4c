/* The scripts of the Redis engine, in Lua: what is common to them, putting, settling and
 * claiming. See redis_parts.h for the keys.
 *
 * A script is one transaction. KEYS[1] is the inbox of a part, and what its other keys are
 * called follows from that: all have the hash tag of the queue. The time is the server's.
 * Numbers of Lua are exact up to 2^53, so priorities stay texts. What is done is bounded:
 * nobody else is served meanwhile. Called without a key a script does nothing: by that it is
 * made known to a server that has forgotten it. */
#include "broker/redis_parts.h"

#include "broker/redis_lua.h"

/* --- what puts and claims have in common ------------------------------------ */

/* Which parts want it: policy/topic.h, in Lua. */
#define TOPICS \
	"local function words(text)\n" \
	"  local all = {}\n" \
	"  if text ~= '' then\n" \
	"    for word in (text .. '.'):gmatch('([^.]*)%.') do all[#all + 1] = word end\n" \
	"  end\n" \
	"  return all\n" \
	"end\n" \
	"local function fits(pattern, key)\n" \
	"  local i, j, behind, taken = 1, 1, nil, nil\n" \
	"  while true do\n" \
	"    if pattern[i] == '#' then\n" \
	"      i = i + 1\n" \
	"      if not pattern[i] then return true end\n" \
	"      behind, taken = i, j\n" \
	"    elseif not key[j] then\n" \
	"      return not pattern[i]\n" \
	"    elseif pattern[i] == '*' or pattern[i] == key[j] then\n" \
	"      i, j = i + 1, j + 1\n" \
	"    elseif behind then\n" \
	"      taken = taken + 1\n" \
	"      i, j = behind, taken\n" \
	"    else\n" \
	"      return false\n" \
	"    end\n" \
	"  end\n" \
	"end\n" \
	"local bound = {}\n" \
	"for _, text in ipairs(call('SMEMBERS', q .. 'bindings')) do\n" \
	"  local group, pattern = text:match('^([^:]*):(.*)$')\n" \
	"  bound[#bound + 1] = { part = q .. '@' .. group .. ':', words = words(pattern) }\n" \
	"end\n" \
	"local function wanted_by(topic)\n" \
	"  if #bound == 0 then return { q } end\n" \
	"  local key, all, has = words(topic), {}, {}\n" \
	"  for _, b in ipairs(bound) do\n" \
	"    if not has[b.part] and fits(b.words, key) then\n" \
	"      has[b.part] = true\n" \
	"      all[#all + 1] = b.part\n" \
	"    end\n" \
	"  end\n" \
	"  return all\n" \
	"end\n"

/* An item of its own for each part; sets are written at the end, each by one call. */
#define ADD \
	"local last, added = 0, {}\n" \
	"local function make_room(count)\n" \
	"  count = count * math.max(#bound, 1)\n" \
	"  last = call('HINCRBY', q .. 'meta', 'last', count) - count\n" \
	"end\n" \
	"local function add(part, body, topic, priority, rank, delay, outcome)\n" \
	"  last = last + 1\n" \
	"  local m = ('%016.0f'):format(last)\n" \
	"  local item, to = q .. 'i:' .. m, added[part]\n" \
	"  call('HSET', item, 'b', body, 'p', priority, 'n', now)\n" \
	"  if topic ~= '' then call('HSET', item, 't', topic) end\n" \
	"  if rank ~= '' then call('HSET', item, 'r', rank) end\n" \
	"  if part ~= q then call('HSET', item, 'g', part:match('@(.*):$')) end\n" \
	"  if outcome ~= '' then call('HSET', item, 'o', outcome) end\n" \
	"  if not to then to = { ready = {}, delayed = {}, count = 0 }; added[part] = to end\n" \
	"  to.count = to.count + 1\n" \
	"  local set = delay > 0 and to.delayed or to.ready\n" \
	"  set[#set + 1] = delay > 0 and now + delay or priority\n" \
	"  set[#set + 1] = delay > 0 and m or rank .. m\n" \
	"  return m\n" \
	"end\n" \
	"local function added_up()\n" \
	"  for part, to in pairs(added) do\n" \
	"    if to.ready[1] then call('ZADD', part .. 'ready', unpack(to.ready)) end\n" \
	"    if to.delayed[1] then call('ZADD', part .. 'delayed', unpack(to.delayed)) end\n" \
	"    call('HINCRBY', part .. 'meta', 'put', to.count)\n" \
	"    ring(part)\n" \
	"  end\n" \
	"end\n"

/* --- opening ------------------------------------------------------------ */

/* ARGV: may it be made? who consumes: its group, or ''; the SHA-1 of the script that puts, and
 * its text, unless it is not wanted. Gives the id of the store, and whether the text is wanted:
 * published are both, for other programs. Nothing: it is not there. */
static const char *const open_lua[] = { LUA_HEAD,
	"if ARGV[1] ~= '1' then\n"
	"  if version or call('EXISTS', q .. 'in') == 1 then\n"
	"    return { call('HGET', q .. 'meta', 'id') or '0000000000000000', 0 }\n"
	"  end\n"
	"  return false\n"
	"end\n",
	LUA_MAKE,
	"if ARGV[2] ~= '' then\n"
	"  local bound = false\n"
	"  for _, text in ipairs(call('SMEMBERS', q .. 'bindings')) do\n"
	"    bound = bound or text:match('^[^:]*') == ARGV[2]\n"
	"  end\n"
	"  if not bound then call('SADD', q .. 'bindings', ARGV[2] .. ':#') end\n"
	"  call('SADD', q .. 'groups', ARGV[2])\n"
	"end\n"
	"if ARGV[4] then\n"
	"  call('SET', q .. 'push', ARGV[4])\n"
	"  call('HSET', q .. 'meta', 'push', ARGV[3])\n"
	"end\n"
	"return { call('HGET', q .. 'meta', 'id'),\n"
	"  call('HGET', q .. 'meta', 'push') == ARGV[3] and 0 or 1 }\n", NULL };

/* --- putting ------------------------------------------------------------ */

/* ARGV, for other programs: BODY [KEY LIFE [TOPIC [PRIORITY [DELAY]]]], where LIFE is for how
 * many ms the key counts, 0 for ever, '' that there is none. Gives what became of it. Of pq:
 * eight for each item, with the priority in hexadecimal and the outcome behind them; gives a
 * letter for each. */
static const char *const put_lua[] = { LUA_HEAD, LUA_MAKE, LUA_RING, TOPICS, ADD,
	"local single, whole = #ARGV < 8, nil\n"
	"if #ARGV == 0 then return redis.error_reply('PQUSAGE there is no BODY') end\n"
	"local room = {}\n"
	"local function is_full(part)\n"
	"  local r = room[part]\n"
	"  if not r then\n"
	"    local cap = tonumber(call('HGET', part .. 'meta', 'cap')\n"
	"      or call('HGET', q .. 'meta', 'cap') or 0)\n"
	"    r = cap == 0 and math.huge or cap - call('ZCARD', part .. 'ready')\n"
	"      - call('ZCARD', part .. 'delayed') - call('ZCARD', part .. 'leased')\n"
	"    room[part] = r\n"
	"  end\n"
	"  return r <= 0\n"
	"end\n"
	"local seen = p .. 'seen'\n"
	"local function is_seen(key)\n"
	"  local until_then = call('ZSCORE', seen, key)\n"
	"  return until_then and tonumber(until_then) > now\n"
	"end\n"
	"local function put(k)\n"
	"  local function given(i) return ARGV[k + i] or '' end\n"
	"  local life, topic, priority = given(2), given(3), whole or given(4)\n"
	"  if life ~= '' and is_seen(given(1)) then return 'd' end\n"
	"  local parts = p ~= q and { p } or wanted_by(topic)\n"
	"  if #parts == 0 then return 'u' end\n"
	"  for _, part in ipairs(parts) do\n"
	"    if is_full(part) then return 'f' end\n"
	"  end\n"
	"  for _, part in ipairs(parts) do\n"
	"    room[part] = room[part] - 1\n"
	"    add(part, ARGV[k], topic, priority, given(6),\n"
	"      tonumber(given(5)) or 0, given(7))\n"
	"  end\n"
	"  if life ~= '' then\n"
	"    call('ZADD', seen, life == '0' and '+inf' or now + life, given(1))\n"
	"  end\n"
	"  return 'q'\n"
	"end\n"
	"if single then\n"
	"  local function number(i)\n"
	"    local n = tonumber((ARGV[i] or '') == '' and 0 or ARGV[i])\n"
	"    return n and n == math.floor(n) and math.abs(n) < 2 ^ 53 and n\n"
	"  end\n"
	"  local n = number(5)\n"
	"  if not n or (number(3) or -1) < 0 or (number(6) or -1) < 0 then\n"
	"    return redis.error_reply('PQUSAGE LIFE, PRIORITY and DELAY are whole numbers')\n"
	"  end\n"
	"  whole = ('%.0f'):format(n)\n"
	"end\n"
	"make_room(single and 1 or #ARGV / 8)\n"
	"local fates = {}\n"
	"for k = 1, #ARGV, 8 do fates[#fates + 1] = put(k) end\n"
	"local old = call('ZRANGEBYSCORE', seen, '-inf', now, 'LIMIT', 0, 100)\n"
	"if old[1] then call('ZREM', seen, unpack(old)) end\n"
	"added_up()\n"
	"if single then\n"
	"  return ({ q = 'queued', d = 'duplicate', f = 'full', u = 'unwanted' })[fates[1]]\n"
	"end\n"
	"return table.concat(fates)\n", NULL };

/* --- settling and claiming ---------------------------------------------- */

/* A queue that was dropped has nothing. One that was forgotten, and made since then, has other
 * ids: it is to be opened anew. */
#define DROPPED \
	"if not version and call('EXISTS', inbox, q .. 'in') == 0 then\n" \
	"  return { ('g'):rep(ARGV[8]), -1, 1, 0, '', {}, 0 }\n" \
	"end\n" \
	LUA_MAKE \
	"if call('HGET', q .. 'meta', 'id') ~= ARGV[1] then\n" \
	"  return redis.error_reply('PQNONE')\n" \
	"end\n"

/* What is written first needs no memory, and after it nothing is refused for want of it: a
 * server that is full can be emptied. */
#define SETTLE \
	"local holder, lease, poison = ARGV[2], ARGV[3] + 0, ARGV[4] + 0\n" \
	"local keep, span, want, count = ARGV[5] + 0, ARGV[6] + 0, ARGV[7] + 0, ARGV[8] + 0\n" \
	"local ready, delayed, leased = p .. 'ready', p .. 'delayed', p .. 'leased'\n" \
	"local dead, done, lost, meta = p .. 'dead', p .. 'done', p .. 'lost', p .. 'meta'\n" \
	"local finished, fates = 0, {}\n" \
	"call('HDEL', meta, '-')\n" \
	"local settle = {}\n" \
	"function settle.a(m, item, has)\n" \
	"  finished = finished + 1\n" \
	"  if has[3] then call('SREM', lost, m) end\n" \
	"  if keep == 0 and span == 0 then\n" \
	"    call('DEL', item)\n" \
	"  else\n" \
	"    call('HSET', item, 'e', has[1])\n" \
	"    call('ZADD', done, now, m)\n" \
	"  end\n" \
	"end\n" \
	"local function note(item, has, outcome)\n" \
	"  call('HSET', item, 'e', has[1])\n" \
	"  if outcome ~= '' then call('HSET', item, 'o', outcome:sub(2)) end\n" \
	"end\n" \
	"function settle.t(m, item, has, delay, outcome)\n" \
	"  note(item, has, outcome)\n" \
	"  call('HINCRBY', item, 'a', 1)\n" \
	"  if delay > 0 then call('ZADD', delayed, now + delay, m) else be_ready(p, m) end\n" \
	"end\n" \
	"function settle.j(m, item, has, delay, outcome)\n" \
	"  note(item, has, outcome)\n" \
	"  call('HINCRBY', item, 'a', 1)\n" \
	"  call('ZADD', dead, now, m)\n" \
	"  if has[3] then call('SREM', lost, m) end\n" \
	"end\n" \
	"function settle.l(m, item, has)\n" \
	"  note(item, has, '')\n" \
	"  be_ready(p, m)\n" \
	"end\n" \
	"function settle.x(m)\n" \
	"  call('ZADD', leased, now + lease, m)\n" \
	"end\n" \
	"for k = 9, 8 + count * 5, 5 do\n" \
	"  local m, token, how = ARGV[k], ARGV[k + 1], ARGV[k + 2]\n" \
	"  local item = q .. 'i:' .. m\n" \
	"  local has = call('HMGET', item, 'c', 'e', 'l')\n" \
	"  local fate = 'o'\n" \
	"  if not has[1] or has[1] == token and has[2] == token then\n" \
	"    fate = 'g'\n" \
	"  elseif has[1] ~= token or call('ZREM', leased, m) == 0 then\n" \
	"    fate = 'l'\n" \
	"  else\n" \
	"    if has[3] and how ~= 'x' then call('HDEL', p .. 'suspects', m) end\n" \
	"    settle[how](m, item, has, ARGV[k + 3] + 0, ARGV[k + 4])\n" \
	"  end\n" \
	"  fates[#fates + 1] = fate\n" \
	"end\n" \
	"if count > 0 and (keep > 0 or span > 0) then\n" \
	"  local few = math.min(call('ZCARD', done) - keep, 1000)\n" \
	"  if few > 0 then\n" \
	"    local old = call('ZRANGEBYSCORE', done, '-inf', now - span, 'LIMIT', 0, few)\n" \
	"    for _, m in ipairs(old) do call('DEL', q .. 'i:' .. m) end\n" \
	"    if old[1] then call('ZREM', done, unpack(old)) end\n" \
	"  end\n" \
	"end\n"

/* What is due, and what was lost: see engine_back_off. */
#define WAKE \
	"local function wake()\n" \
	"  local due = call('ZRANGEBYSCORE', delayed, '-inf', now, 'LIMIT', 0, 1000)\n" \
	"  for _, m in ipairs(due) do be_ready(p, m) end\n" \
	"  if due[1] then call('ZREM', delayed, unpack(due)) end\n" \
	"end\n" \
	"local function bury(m, item, times, who)\n" \
	"  local why = ('lost with %s %d times'):format(who or 'somebody', times)\n" \
	"  call('HSET', item, 'o', why)\n" \
	"  call('ZADD', dead, now, m)\n" \
	"  call('SREM', lost, m)\n" \
	"  gone[#gone + 1] = ('%d %s'):format(m, why)\n" \
	"end\n" \
	"local function take_back(m)\n" \
	"  local item = q .. 'i:' .. m\n" \
	"  local has = call('HMGET', item, 'p', 'h')\n" \
	"  call('HDEL', p .. 'suspects', m)\n" \
	"  if not has[1] then return missed(m) end\n" \
	"  local times = call('HINCRBY', item, 'l', 1)\n" \
	"  if poison > 0 and times >= poison then return bury(m, item, times, has[2]) end\n" \
	"  call('SADD', lost, m)\n" \
	"  if times < 2 then return be_ready(p, m) end\n" \
	"  call('ZADD', delayed, now + math.min(1000 * 2 ^ math.min(times - 2, 6), 60000), m)\n" \
	"end\n" \
	"local function take_back_all()\n" \
	"  local late = call('ZRANGEBYSCORE', leased, '-inf', now, 'LIMIT', 0, 1000)\n" \
	"  for _, m in ipairs(late) do take_back(m) end\n" \
	"  if late[1] then call('ZREM', leased, unpack(late)) end\n" \
	"end\n"

/* What other programs have pushed: into the queue, where its bindings say who gets it, or into
 * the group itself. What no group wants nobody can be told: it is dead. */
#define INBOX \
	"local function unwanted(m)\n" \
	"  local why = 'no group is bound to what has no topic'\n" \
	"  call('HSET', q .. 'i:' .. m, 'o', why)\n" \
	"  call('ZREM', q .. 'ready', m)\n" \
	"  call('ZADD', q .. 'dead', now, m)\n" \
	"  gone[#gone + 1] = ('%d %s'):format(m, why)\n" \
	"end\n" \
	"local function take_in(part, to)\n" \
	"  if pushed(part) == 0 then return {} end\n" \
	"  local list, rung = part .. 'in', call('HGET', part .. 'meta', 'rung')\n" \
	"  if rung then silence(part) end\n" \
	"  local got = call('LRANGE', list, 0, math.max(want, 16) - 1)\n" \
	"  call('LTRIM', list, #got, -1)\n" \
	"  make_room(#got)\n" \
	"  local nobody = {}\n" \
	"  for _, body in ipairs(got) do\n" \
	"    for _, to_part in ipairs(to) do add(to_part, body, '', '0', '', 0, '') end\n" \
	"    if #to == 0 then nobody[#nobody + 1] = add(q, body, '', '0', '', 0, '') end\n" \
	"  end\n" \
	"  if rung and not added[part] then ring(part) end\n" \
	"  return nobody\n" \
	"end\n" \
	"local function take_in_all()\n" \
	"  local nobody = take_in(q, wanted_by(''))\n" \
	"  if p ~= q then take_in(p, { p }) end\n" \
	"  added_up()\n" \
	"  for _, m in ipairs(nobody) do unwanted(m) end\n" \
	"  if nobody[1] then ring(q) end\n" \
	"end\n"

/* See engine_company. What was lost and is in this holder's hands still is company, too: claimed
 * one by one they would meet all the same, and one would take the others along. While there is no
 * room for more of them, others are claimed. */
#define COMPANY \
	"local function times_of(r)\n" \
	"  return tonumber(call('HGET', q .. 'i:' .. r:sub(-16), 'l') or 0)\n" \
	"end\n" \
	"local function in_hand()\n" \
	"  local held, most, all = 0, 0, call('HGETALL', p .. 'suspects')\n" \
	"  for k = 2, #all, 2 do\n" \
	"    local times, who = all[k]:match('^(%d+) (.*)$')\n" \
	"    if who == holder then held, most = held + 1, math.max(most, times) end\n" \
	"  end\n" \
	"  return held, most\n" \
	"end\n" \
	"local function others()\n" \
	"  local some = {}\n" \
	"  for _, r in ipairs(call('ZRANGE', ready, 0, 999)) do\n" \
	"    if #some < want and times_of(r) == 0 then some[#some + 1] = r end\n" \
	"  end\n" \
	"  return some\n" \
	"end\n" \
	"local function company()\n" \
	"  local some, most = call('ZRANGE', ready, 0, want - 1), 0\n" \
	"  if call('EXISTS', lost) == 0 then return some end\n" \
	"  for _, r in ipairs(some) do most = math.max(most, times_of(r)) end\n" \
	"  if most == 0 then return some end\n" \
	"  local held, times = in_hand()\n" \
	"  local few = math.max(math.floor(want / 4 ^ math.max(most, times)), 1) - held\n" \
	"  if few <= 0 then return others() end\n" \
	"  for k = #some, few + 1, -1 do some[k] = nil end\n" \
	"  return some\n" \
	"end\n"

#define CLAIM \
	"local claimed, taken = {}, 0\n" \
	"local function claim()\n" \
	"  local some, leases = company(), {}\n" \
	"  for _, r in ipairs(some) do\n" \
	"    local m = r:sub(-16)\n" \
	"    local item = q .. 'i:' .. m\n" \
	"    local has = call('HMGET', item, 'c', 'a', 'l', 'p', 'b', 't')\n" \
	"    if has[4] then\n" \
	"      local token = ('%.0f'):format((has[1] or 0) + 1)\n" \
	"      call('HSET', item, 'c', token, 'h', holder)\n" \
	"      if has[3] then call('HSET', p .. 'suspects', m, has[3] .. ' ' .. holder) end\n" \
	"      local n = #claimed\n" \
	"      claimed[n + 1], claimed[n + 2], claimed[n + 3] = m, token, has[2]\n" \
	"      claimed[n + 4], claimed[n + 5], claimed[n + 6] = has[3], has[4], has[5]\n" \
	"      claimed[n + 7] = has[6]\n" \
	"      leases[#leases + 1] = now + lease\n" \
	"      leases[#leases + 1] = m\n" \
	"      taken = taken + 1\n" \
	"    else\n" \
	"      missed(m)\n" \
	"    end\n" \
	"  end\n" \
	"  if leases[1] then call('ZADD', leased, unpack(leases)) end\n" \
	"  if some[1] then call('ZREM', ready, unpack(some)) end\n" \
	"end\n"

/* ARGV: STORE HOLDER LEASE POISON KEEP_COUNT KEEP_TIME WANT, the number of settlements, and five
 * for each: M TOKEN HOW DELAY and the outcome behind a letter, or ''. Gives a letter for each
 * settlement, ms until the next is due, whether all is drained, how many wait, a line for each
 * that was given up; seven for each item claimed; and whether some are ready still. */
static const char *const exchange_lua[] = {
	LUA_HEAD, DROPPED, LUA_RING, LUA_READY, TOPICS, ADD, SETTLE, WAKE, INBOX, COMPANY, CLAIM,
	"local due, drained = -1, 0\n"
	"if want > 0 then\n"
	"  wake()\n"
	"  take_back_all()\n"
	"  take_in_all()\n"
	"  claim()\n"
	"end\n"
	"local waits = call('ZCARD', ready) + call('ZCARD', delayed) + pushed(q)\n"
	"if p ~= q then waits = waits + pushed(p) end\n"
	"if taken < want then\n"
	"  for _, set in ipairs({ delayed, leased }) do\n"
	"    local first = call('ZRANGE', set, 0, 0, 'WITHSCORES')\n"
	"    if first[2] and (due < 0 or first[2] - now < due) then\n"
	"      due = math.max(first[2] - now, 0)\n"
	"    end\n"
	"  end\n"
	"  if waits == 0 and call('EXISTS', leased) == 0 then drained = 1 end\n"
	"end\n"
	"if finished > 0 then call('HINCRBY', meta, 'finished', finished) end\n"
	"ring(p)\n"
	"return { table.concat(fates), due, drained, waits, table.concat(gone, '\\n'), claimed,\n"
	"  call('EXISTS', ready) }\n",
	NULL };

const char *const *stock_script(enum stock_script which)
{
	static const char *const *const scripts[STOCK_SCRIPTS] = {
		[STOCK_OPEN] = open_lua,
		[STOCK_PUT] = put_lua,
		[STOCK_EXCHANGE] = exchange_lua,
		[STOCK_STATS] = stock_lua_stats,
		[STOCK_PEEK] = stock_lua_peek,
		[STOCK_REQUEUE] = stock_lua_requeue,
		[STOCK_PURGE] = stock_lua_purge,
		[STOCK_BIND] = stock_lua_bind,
		[STOCK_DROP] = stock_lua_drop,
		[STOCK_SWEEP] = stock_lua_sweep,
		[STOCK_TIDY] = stock_lua_tidy,
	};

	return scripts[which];
}
