/* --shard at the desk. See share.h. */
#include "desk/share.h"

#include "base/hash.h"
#include "item.h"
#include "options/options.h"

bool share_by_record(const struct options *o)
{
	return o->shard.count && (o->max_args || o->as_many) && !o->pipe;
}

/* The same on every machine and for ever, so it has no key of its own. */
static uint64_t share_hash_bytes(const void *data, size_t len)
{
	static const struct hash_key zeros;

	return hash_bytes(&zeros, data, len);
}

static void share_add(struct share *s, struct value v, bool first)
{
	if (!first)
		buf_addc(&s->text, '\0');
	buf_add(&s->text, v.data, v.len);
}

uint64_t share_hash(struct share *s, const struct draft *d, uint32_t from)
{
	if (!s->rule.hash)
		return 0;
	buf_clear(&s->text);
	for (uint32_t i = from; i < d->values; i++)
		share_add(s, draft_value(d, i), i == from);
	return share_hash_bytes(s->text.data, s->text.len);
}

static uint64_t share_hash_item(struct share *s, const struct item *item)
{
	buf_clear(&s->text);
	for (uint32_t i = 0; i < item_raws(item); i++)
		share_add(s, item_raw(item, i), i == 0);
	return share_hash_bytes(s->text.data, s->text.len);
}

bool share_has_record(struct share *s, uint64_t hash)
{
	s->place++;
	return s->rule.hash ? shard_has_hash(&s->rule, hash) : shard_has_place(&s->rule, s->place);
}

bool share_has_item(struct share *s, const struct item *item)
{
	if (!s->rule.count)
		return true;
	return share_has_record(s, s->rule.hash ? share_hash_item(s, item) : 0);
}

void share_free(struct share *s)
{
	buf_free(&s->text);
}
