/* Reading headers. See header.h. */
#include "desk/header.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "action/template/names.h"
#include "base/mem.h"
#include "base/msg.h"
#include "desk/columns.h"
#include "item.h"
#include "source/source.h"

enum { USAGE = 2 };

/* Ask all that have not answered yet; those that wait are in `fds` then. */
static size_t header_ask(struct source *const sources[], size_t count, struct draft *drafts,
	enum source_state *states, struct pollfd *fds)
{
	size_t waiting = 0;

	for (size_t i = 0; i < count; i++) {
		if (states[i] == SOURCE_NOTHING)
			states[i] = sources[i]->header(sources[i], &drafts[i]);
		if (states[i] == SOURCE_NOTHING)
			fds[waiting++] = (struct pollfd){ .fd = sources[i]->fd, .events = POLLIN };
	}
	return waiting;
}

static void ask_until_all_have(struct source *const sources[], size_t count,
	struct draft *drafts, enum source_state *states)
{
	struct pollfd *fds = mem_zero(count * sizeof *fds);
	size_t waiting;

	for (size_t i = 0; i < count; i++)
		states[i] = SOURCE_NOTHING;
	while ((waiting = header_ask(sources, count, drafts, states, fds)))
		poll(fds, (nfds_t)waiting, 1000);
	free(fds);
}

static bool header_same(const struct names *a, const struct names *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->list[i].column != b->list[i].column || a->list[i].len != b->list[i].len
		    || memcmp(a->list[i].text, b->list[i].text, a->list[i].len) != 0)
			return false;
	return true;
}

static const char *header_spoken(const struct source *s)
{
	return strcmp(s->name, "-") == 0 ? "standard input" : s->name;
}

static void header_name_columns(const struct source *s, const struct draft *draft,
	struct columns *columns, struct names *names)
{
	const char *why = draft->refused ? draft->refused : columns_header(columns, draft, names);

	if (why)
		msg_die(USAGE, "the header of %s %s", header_spoken(s), why);
}

bool header_read(struct source *const sources[], size_t count, struct columns *columns,
	struct names *names)
{
	struct draft *drafts = mem_zero(count * sizeof *drafts);
	enum source_state *states = mem_alloc(count * sizeof *states);
	const struct source *first = NULL;

	for (size_t i = 0; i < count; i++)
		if (!sources[i]->header)
			msg_die(USAGE, "--header with --from %s: the paths in a directory have no header",
				sources[i]->name);
	ask_until_all_have(sources, count, drafts, states);
	for (size_t i = 0; i < count; i++) {
		struct names others = { 0 };

		if (states[i] != SOURCE_RECORD)
			continue;
		header_name_columns(sources[i], &drafts[i], columns, first ? &others : names);
		if (first && !header_same(names, &others))
			msg_die(USAGE, "the header of %s is not that of %s; merged sources need the same",
				header_spoken(sources[i]), header_spoken(first));
		names_free(&others);
		first = first ? first : sources[i];
	}
	for (size_t i = 0; i < count; i++)
		draft_free(&drafts[i]);
	free(drafts);
	free(states);
	return first;
}
