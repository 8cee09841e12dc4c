/* The length of commands. See measure.h. */
#include "desk/measure.h"

#include <stdlib.h>
#include <string.h>

#include "action/template/template.h"
#include "base/buf.h"
#include "base/mem.h"
#include "item.h"

/* Quoted, a byte is four at most, and a value has its quotes. */
enum { QUOTED = 4 };

struct measure {
	struct measure_rules rules;
	struct argv argv;
	struct buf text;
	struct buf memory; /* of the item that the commands are filled from */
};

struct measure *measure_new(const struct measure_rules *rules)
{
	struct measure *m = mem_zero(sizeof *m);

	m->rules = *rules;
	m->rules.commands = mem_alloc((rules->count + 1) * sizeof *rules->commands);
	memcpy(m->rules.commands, rules->commands, rules->count * sizeof *rules->commands);
	return m;
}

void measure_free(struct measure *m)
{
	if (!m)
		return;
	argv_free(&m->argv);
	buf_free(&m->text);
	buf_free(&m->memory);
	free(m->rules.commands);
	free(m);
}

size_t measure_most(const struct measure *m)
{
	return m->rules.most;
}

static size_t measure_command(struct measure *m, const struct template *t,
	const struct fill *fill)
{
	if (!m->rules.shown)
		return template_expand(t, fill, &m->argv) == EXPAND_OK ? m->argv.bytes : 0;
	buf_clear(&m->text);
	template_show(t, fill, &m->text);
	return m->text.len + 1;
}

size_t measure_draft(struct measure *m, const struct draft *d, uint32_t values, uint64_t seq)
{
	struct draft part = *d;
	struct item *item;
	size_t longest = 0;

	part.values = values;
	part.len = values ? d->ends[values - 1] + 1 : 0;
	item = item_preview(&m->memory, &part, 0);
	item->number = seq;
	for (size_t i = 0; i < m->rules.count; i++) {
		struct fill fill = { .item = item, .slot = m->rules.slot };
		size_t here = measure_command(m, m->rules.commands[i], &fill);

		longest = here > longest ? here : longest;
	}
	return longest;
}

size_t measure_growth(const struct measure *m, size_t len)
{
	size_t most = 0;

	for (size_t i = 0; i < m->rules.count; i++) {
		size_t here = template_growth(m->rules.commands[i], len);

		most = here > most ? here : most;
	}
	return m->rules.shown ? QUOTED * most : most;
}
