/* --shard: which items are ours. See shard.h. */
#include "policy/shard.h"

#include <string.h>

#include "base/parse.h"

bool shard_parse(const char *s, struct shard_rule *rule)
{
	size_t len = strcspn(s, "/"), more;
	struct shard_rule r = { 0 };
	char number[24];

	if (!s[len] || len >= sizeof number)
		return false;
	memcpy(number, s, len);
	number[len] = '\0';
	if (!parse_count(number, &r.index))
		return false;
	s += len + 1;
	more = strcspn(s, ",");
	r.hash = s[more] == ',';
	if (more >= sizeof number || (r.hash && strcmp(s + more, ",hash") != 0))
		return false;
	memcpy(number, s, more);
	number[more] = '\0';
	if (!parse_count(number, &r.count) || r.index < 1 || r.index > r.count)
		return false;
	*rule = r;
	return true;
}

bool shard_has_place(const struct shard_rule *rule, uint64_t place)
{
	return (place - 1) % rule->count == rule->index - 1;
}

bool shard_has_hash(const struct shard_rule *rule, uint64_t hash)
{
	return hash % rule->count == rule->index - 1;
}

uint64_t shard_part(const struct shard_rule *rule, uint64_t items)
{
	if (rule->hash)
		return items / rule->count + (items % rule->count > 0);
	return items < rule->index ? 0 : (items - rule->index) / rule->count + 1;
}
