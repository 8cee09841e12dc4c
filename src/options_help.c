/* --help and --version. */
#include "options_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/msg.h"
#include "config.h"

/* Where the second column begins; a longer first one pushes it aside. */
enum { COLUMN = 30 };

void options_print(struct buf *text)
{
	if (!io_write(STDOUT_FILENO, text->data, text->len))
		msg_die(74, "stdout: %s", strerror(errno));
	exit(0);
}

static void add_row(struct buf *b, const struct option_row *row)
{
	size_t from = b->len, len;
	const char *longs = row->longs, *word;

	if (row->heading) {
		buf_addf(b, "%s\n", row->heading);
		from = b->len;
	}
	buf_adds(b, row->shorts ? " " : "    ");
	for (const char *c = row->shorts; c && *c; c++)
		buf_addf(b, " -%c", *c);
	while ((word = options_word(&longs, &len)))
		buf_addf(b, " --%.*s", (int)len, word);
	if (row->argument)
		buf_addf(b, " %s", row->argument);
	do
		buf_addc(b, ' ');
	while (b->len - from < COLUMN);
	buf_addf(b, "%s\n", row->help);
}

void options_help(void)
{
	struct buf b = { 0 };

	buf_adds(&b,
		"usage: pq [options] [command [argument ...]] [::: argument ...] [:::: file ...]\n"
		"Run the command once for each line of input, several at a time. Several words\n"
		"are run as they stand, one word is a line for /bin/sh. Without {} the item is\n"
		"the last argument; without a command each item is itself a shell line.\n");
	for (size_t i = 0; i < options_rows; i++)
		add_row(&b, &options_table[i]);
	buf_adds(&b,
		"{} item  {.} no extension  {/} name  {//} directory  {/.} name, no extension\n"
		"{#} number  {%} slot  {1} {2.} {-1} one of several  {source} where it is from\n"
		"man pq has the rest.\n");
	options_print(&b);
}

void options_version(void)
{
	struct buf b = { 0 };

	buf_adds(&b, "pq " PQ_VERSION "\n");
	options_print(&b);
}
