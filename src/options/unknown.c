/* Options that pq does not have: what another tool means by them and what is
 * nearest here, or which of ours is spelled most alike. */
#include "options/table.h"

#include <string.h>

#include "base/buf.h"
#include "base/msg.h"

/* Letters and long names that people bring from GNU parallel and xargs. */
static const struct {
	const char *names;
	const char *instead;
} foreign[] = {
	/* several machines */
	{ "S sshlogin sshloginfile slf M controlmaster ssh ssh-delay onall nonall transfer "
	  "transfer-file transfer-files tf return trc cleanup basefile bf work-dir wd "
	  "hostgroups hostgroup hostgrp hgrp filter-hosts filter-host rsync-opts limit",
	  "jobs run on this machine only; try ssh HOST in the command" },
	{ "env record-env session",
	  "jobs get the whole environment of pq; exported shell functions need "
	  "pq bash -c 'NAME \"$1\"' _ {}" },

	/* habits that need nothing here */
	{ "will-cite citation bibtex nn no-notice",
	  "pq asks for no citation; leave it out" },
	{ "q quote shell-quote",
	  "not needed: several words are run as they stand, and data never becomes program text" },
	{ "x exit s max-chars show-limits max-line-length-allowed",
	  "not needed: -X knows the system's limit, and an item that is too long fails alone" },
	{ "silent no-keep-order no-k", "it is the default; leave it out" },
	{ "J profile plain", "pq reads no file of settings; a shell alias does as well" },
	{ "tmpdir tempdir", "set TMPDIR in the environment" },
	{ "compress compress-program use-compress-program decompress-program "
	  "use-decompress-program",
	  "output waits in memory, and in one file without a name only beyond --queue-bytes" },
	{ "number-of-cpus number-of-cores number-of-sockets number-of-threads "
	  "use-cpus-instead-of-cores use-cores-instead-of-threads use-sockets-instead-of-threads",
	  "use nproc" },
	{ "min-version", "compare what --version prints" },
	{ "D debug", "-t and --dry-run show the commands" },

	/* the same under another name */
	{ "v", "use -t" },
	{ "i replace", "{} works without it; -I STR gives it another name" },
	{ "U seqreplace", "the number of the item is {#}" },
	{ "slotreplace process-slot-var",
	  "the slot is {%} in the command and PQ_SLOT in its environment" },
	{ "er extensionreplace bnr basenamereplace dnr dirnamereplace bner "
	  "basenameextensionreplace parens rpl plus",
	  "there are {.} {/} {//} {/.}; for more: pq 'x={}; cmd \"${x%.gz}\"'" },
	{ "L l max-lines", "-n N puts N lines into one job" },
	{ "m xargs", "use -X" },
	{ "p interactive", "--dry-run prints the commands without running them" },
	{ "arg-sep arg-file-sep", "it is ::: and :::: always" },

	/* other ways to run things */
	{ "sem semaphore semaphore-name id semaphore-timeout st fg bg wait",
	  "pq is no semaphore; try flock" },
	{ "tmux tmux-pane", "jobs have no terminal; try --line-buffer --tag" },
	{ "tty T open-tty", "jobs have no terminal, and their stdin is /dev/null" },
	{ "shebang hashbang shebang-wrap embed Y", "pq is no interpreter; call it in a script" },
	{ "sql-master sql-worker sql-and-worker sql",
	  "there are no queues in databases in this version" },
	{ "shell-completion", "use --completion" },
	{ "gnu", "not in this version; -c makes a shell line of several words" },
	{ "ctrlc no-ctrlc", "Ctrl-C ends pq and its jobs, always" },

	/* input */
	{ "pipe-part", "--pipe reads files, too: pq --pipe -a FILE" },
	{ "block-timeout bt", "not in this version: a block goes out when it is full, or has -n N "
	  "records" },
	{ "regexp", "--recstart and --recend are strings" },
	{ "remove-rec-sep rrs", "not in this version; try tr or sed in the command" },
	{ "round-robin round", "not in this version: with --pipe every block has a job of its own" },
	{ "cat fifo", "a job's stdin is a file with --pipe, and /dev/stdin its name" },
	{ "tee shard bin group-by", "not in this version: --pipe cuts the input into blocks" },
	{ "filter", "not in this version; try grep before pq" },
	{ "eof", "the end-of-file string is -E STR" },
	{ "template tmpl", "not in this version; the command may write a file" },

	/* running */
	{ "memsuspend noswap", "not in this version; try --memfree" },

	/* output */
	{ "files output-as-files",
	  "--results DIR keeps what jobs print in files, and names them after the items" },
	{ "color colour color-failed colour-failed color-fail colour-fail cf ctag "
	  "ctag-string latest-line ll",
	  "there are no colours here; --tag marks each line" },
	{ "total-jobs total", "not needed: pq reckons from what it has read" },
};

enum { LONGEST = 40 };

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* How many letters must be added, dropped, changed or exchanged with their
 * neighbour to make b of a (optimal string alignment). */
static int distance(const char *a, size_t alen, const char *b, size_t blen)
{
	int d[LONGEST + 1][LONGEST + 1];

	for (size_t i = 0; i <= alen; i++)
		for (size_t j = 0; j <= blen; j++) {
			if (i == 0 || j == 0) {
				d[i][j] = (int)(i + j);
				continue;
			}
			d[i][j] = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			d[i][j] = least(d[i][j], least(d[i - 1][j], d[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[alen][blen];
}

/* The long name of ours that is most like it, if any is near enough. */
static const char *nearest(const char *text, size_t *len)
{
	size_t wanted = strlen(text), n;
	const char *best = NULL;
	int best_distance;

	if (wanted > LONGEST)
		return NULL;
	best_distance = (int)wanted / 3 + 1; /* more than that is another word */
	for (size_t i = 0; i < options_rows; i++) {
		const char *list = options_table[i].longs, *word;

		while ((word = options_word(&list, &n))) {
			int d = distance(text, wanted, word, n);

			if (d < best_distance) {
				best_distance = d;
				best = word;
				*len = n;
			}
		}
	}
	return best;
}

/* Are they the same letters? GNU parallel takes its names without hyphens, too. */
static bool is_spelled(const char *word, size_t len, const char *text)
{
	const char *end = word + len;

	for (;; word++, text++) {
		while (word < end && *word == '-')
			word++;
		while (*text == '-')
			text++;
		if (word == end || *word != *text)
			return word == end && !*text;
	}
}

void options_foreign(const char *name)
{
	const char *text = name + (name[1] == '-' ? 2 : 1);
	size_t len;

	if (name[1] == '-' && text[0] && !text[1])
		return; /* an abbreviation, not a letter */
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
		const char *list = foreign[i].names, *word;

		while ((word = options_word(&list, &len)))
			if (is_spelled(word, len, text))
				msg_die(2, "no option %s: %s", name, foreign[i].instead);
	}
}

void options_unknown(const char *name)
{
	struct buf b = { 0 };
	const char *best = NULL;
	size_t len = 0;

	msg_quote(&b, name, strlen(name), LONGEST);
	if (name[1] == '-')
		best = nearest(name + 2, &len);
	if (best)
		msg_die(2, "unknown option %s; did you mean --%.*s?", buf_str(&b), (int)len, best);
	msg_die(2, "unknown option %s; pq --help lists what there is", buf_str(&b));
}
