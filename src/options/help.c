/* --help and --version. */
#include "options/set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/msg.h"
#include "config.h"

/* Where the second column begins; a longer first one pushes it aside. And how wide
 * a line of names may be. */
enum { COLUMN = 30, WIDTH = 79 };

void options_print(struct buf *text)
{
	if (!io_write(STDOUT_FILENO, text->data, text->len))
		msg_die(74, "stdout: %s", strerror(errno));
	exit(0);
}

/* All names of the option and what its value is called, a blank before each. */
static void help_add_names(struct buf *b, const struct option_row *row)
{
	const char *longs = row->longs, *word;
	size_t len;

	for (const char *c = row->shorts; c && *c; c++)
		buf_addf(b, " -%c", *c);
	while ((word = options_word(&longs, &len)))
		buf_addf(b, " --%.*s", (int)len, word);
	if (row->argument)
		buf_addf(b, " %s", row->argument);
	if (row->optional)
		buf_addf(b, "[=%s]", row->optional);
}

static void help_add_row(struct buf *b, const struct option_row *row)
{
	size_t from = b->len;

	buf_adds(b, row->shorts ? " " : "    ");
	help_add_names(b, row);
	do
		buf_addc(b, ' ');
	while (b->len - from < COLUMN);
	buf_addf(b, "%s\n", row->help);
}

/* The rare options of the group that begins here, named on as few lines as can be. */
static void add_rare(struct buf *b, size_t from)
{
	struct buf names = { 0 };
	size_t width = 0;

	for (size_t i = from; i < options_rows; i++) {
		const struct option_row *row = &options_table[i];

		if (i > from && row->heading)
			break;
		if (!row->rare)
			continue;
		buf_clear(&names);
		help_add_names(&names, row);
		if (width && width + names.len + 1 <= WIDTH) {
			buf_addc(b, ',');
		} else {
			buf_adds(b, width ? ",\n       " : "  also:");
			width = 6;
		}
		buf_add(b, names.data, names.len);
		width += names.len + 1;
	}
	if (width)
		buf_addc(b, '\n');
	buf_free(&names);
}

void options_help(void)
{
	struct buf b = { 0 };
	size_t group = 0;

	buf_adds(&b,
		"usage: pq [options] [command [argument ...]] [::: argument ...] [:::: file ...]\n"
		"Run the command once for each line of input, several at a time. One word is a\n"
		"line for /bin/sh. Without {} the item comes last; without a command it is run.\n");
	for (size_t i = 0; i < options_rows; i++) {
		const struct option_row *row = &options_table[i];

		if (row->heading) {
			if (i)
				add_rare(&b, group);
			group = i;
			buf_addf(&b, "%s\n", row->heading);
		}
		if (!row->rare)
			help_add_row(&b, row);
	}
	add_rare(&b, group);
	buf_adds(&b,
		"{} item  {.} no extension  {/} name  {//} directory  {/.} name, no extension\n"
		"{#} number  {%} slot  {1} {2.} {-1} one of several  {source} where it is from\n"
		"man pq has the rest.\n");
	options_print(&b);
}

void set_help(const struct given *g)
{
	(void)g;
	options_help();
}

void set_version(const struct given *g)
{
	struct buf b = { 0 };

	(void)g;
	buf_adds(&b, "pq " PQ_VERSION "\n");
	options_print(&b);
}
