/* Options that pq does not have: what another tool means by them and what is
 * nearest here, or which of ours is spelled most alike. */
#include "options/table.h"

#include <string.h>

#include "base/buf.h"
#include "base/msg.h"
#include "base/spelling.h"
#include "options/names.h"

/* Letters and long names that people bring from GNU parallel and xargs, or find in the
 * plans of pq. */
static const struct {
	const char *names;
	const char *instead; /* NULL: it asks for what pq does anyway, and may stay */
} foreign[] = {
	{ .names = "will-cite no-notice nn m xargs q quote silent" },

	/* several machines */
	{ "S sshlogin sshloginfile slf B M controlmaster ssh ssh-delay onall nonall transfer "
	  "transfer-file transfer-files tf return trc cleanup basefile bf "
	  "hostgroups hostgroup hostgrp hgrp filter-hosts filter-host rsync-opts",
	  "jobs run on this machine only; try ssh HOST in the command" },
	{ "work-dir wd W", "a job runs where pq does; try 'cd DIR && ...' in a shell line, or "
	  "env -C DIR before the command" },
	{ "limit", "--load and --memfree hold jobs back while the machine is busy" },
	{ "env record-env session",
	  "jobs get the whole environment of pq; exported shell functions need "
	  "pq bash -c 'NAME \"$1\"' _ {}" },
	{ "_parset", "parset is a function of GNU parallel's for a shell; try "
	  "mapfile -t NAME < <(pq -k ...)" },

	/* habits that need nothing here */
	{ "citation bibtex", "pq asks for no citation; leave it out" },
	{ "shell-quote shell_quote",
	  "not needed: several words are run as they stand, and data never becomes program text" },
	{ "max-line-length-allowed",
	  "not needed: -X knows the system's limit, and an item that is too long fails alone" },
	{ "no-keep-order no-k", "so it is without -k; leave both out" },
	{ "J profile plain", "pq reads no file of settings; a shell alias does as well" },
	{ "tmpdir tempdir", "set TMPDIR in the environment" },
	{ "compress compress-program use-compress-program decompress-program "
	  "use-decompress-program",
	  "output waits in memory, and in one file without a name only beyond --queue-bytes" },
	{ "number-of-cpus number-of-cores number-of-sockets number-of-threads", "use nproc" },
	{ "use-cpus-instead-of-cores use-cores-instead-of-threads use-sockets-instead-of-threads",
	  "-j N says how many jobs run; nproc and lscpu tell what there is" },
	{ "min-version", "compare what --version prints" },
	{ "D debug", "-t and --dry-run show the commands" },
	{ "bug _test _pipe-means-argfiles", "it tests GNU parallel itself" },

	/* the same under another name */
	{ "v", "use -t" },
	{ "g tollef", "output comes in groups without it" },
	{ "H", "--halt RULE ends a run early" },
	{ "linkinputsource xapplyinputsource", "--link, or :::+ and ::::+, pair sources up" },
	{ "U seqreplace", "the number of the item is {#}" },
	{ "slotreplace",
	  "the slot is {%} in the command and PQ_SLOT in its environment" },
	{ "er extensionreplace bnr basenamereplace dnr dirnamereplace bner "
	  "basenameextensionreplace parens plus",
	  "there are {.} {/} {//} {/.}; for more {= STEPS =}, as in {= s/\\.gz$// =}" },
	{ "rpl", "parts of an item are the groups of --regex RE, {1} {2}, and what steps "
	  "make of it, as in {= s/\\.gz$// =}" },
	{ "arg-sep arg-file-sep", "it is ::: and :::: always" },

	/* other ways to run things */
	{ "sem semaphore semaphore-name id semaphore-timeout st fg bg wait",
	  "pq --gnu --semaphore 'COMMAND' does that, or a link called sem; see pq-parallel(7)" },
	{ "tmux tmux-pane", "try --line-buffer --tag; with --tty one job at a time has the "
	  "terminal" },
	{ "T", "--tty lends jobs the terminal, one at a time" },
	{ "shebang hashbang shebang-wrap embed Y", "pq is no interpreter; call it in a script" },
	{ "sql-master sql-worker sql-and-worker sql",
	  "pq --to ADDRESS fills a queue and pq --from ADDRESS works on it; sqlite:jobs.db and "
	  "postgresql://HOST/DB are addresses" },
	{ "shell-completion", "use --completion" },
	{ "gnu", "only as the first word, pq --gnu ...; see pq-parallel(7)" },
	{ "ctrlc no-ctrlc", "Ctrl-C ends pq and its jobs, always" },

	/* input */
	{ "pipe-part", "--pipe reads files, too: pq --pipe -a FILE" },
	{ "block-timeout bt", "not in this version: a block goes out when it is full, or has -n N "
	  "records" },
	{ "bin", "not in this version: --group-by COL keeps lines that are alike in one block" },
	{ "filter", "not in this version; try grep before pq" },
	{ "eof", "the end-of-file string is -E STR" },
	{ "template tmpl", "not in this version; the command may write a file" },

	/* running */
	{ "memsuspend noswap", "not in this version; try --memfree" },

	/* output */
	{ "color-failed colour-failed color-fail colour-fail cf",
	  "--color shows in red what is said of failures" },
	{ "ctag ctag-string", "--color --tag has tags in colours" },
	{ "latest-line ll", "not in this version; --line-buffer --tag shows lines as they come, and "
	  "--progress what runs" },
	{ "total-jobs total", "pq counts what it reads; of a pipe it knows the total when that has "
	  "ended" },
};

/* A name that is like another, and how much: as long as none is found, how much it may differ. */
struct likeness {
	const char *word;
	size_t len;
	int distance;
};

static void likeness_try(struct likeness *best, const char *text, const char *list)
{
	const char *word;
	size_t n;

	while ((word = options_word(&list, &n))) {
		int d = spelling_distance(text, strlen(text), word, n);

		if (d < best->distance)
			*best = (struct likeness){ word, n, d };
	}
}

/* The long name of ours that is most like it, if any is near enough. */
static struct likeness nearest(const char *text)
{
	size_t wanted = strlen(text);
	/* more than that is another word */
	struct likeness best = { .distance = wanted > SPELLING_MOST ? 0 : (int)wanted / 3 + 1 };

	for (size_t i = 0; i < options_rows; i++)
		likeness_try(&best, text, options_table[i].longs);
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

/* Refuse the option with its line of the table, if it has one. */
static bool unknown_is_ignored(const char *name, size_t i)
{
	if (foreign[i].instead)
		msg_die(2, "no option %s: %s", name, foreign[i].instead);
	return true;
}

bool options_foreign(const char *name)
{
	const char *text = name + (name[1] == '-' ? 2 : 1);
	size_t len;

	if (name[1] == '-' && text[0] && !text[1])
		return false; /* an abbreviation, not a letter */
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
		const char *list = foreign[i].names, *word;

		while ((word = options_word(&list, &len)))
			if (is_spelled(word, len, text))
				return unknown_is_ignored(name, i);
	}
	return false;
}

/* A name of another tool's that is misspelled, where it is more like that than like ours. A
 * short one is like too many. */
static void unknown_foreign(const char *name, const char *shown, struct likeness best)
{
	const char *instead = NULL;

	for (size_t i = 0; strlen(name) > 6 && i < sizeof foreign / sizeof *foreign; i++) {
		int before = best.distance;

		if (foreign[i].instead)
			likeness_try(&best, name + 2, foreign[i].names);
		if (best.distance < before)
			instead = foreign[i].instead;
	}
	if (instead)
		msg_die(2, "unknown option %s, and no --%.*s: %s", shown, (int)best.len, best.word,
			instead);
}

/* Has --help something for this word, which can be shown as it is? */
static bool unknown_is_told(const char *name)
{
	if (name[1] != '-' || name[strspn(name, "-abcdefghijklmnopqrstuvwxyz0123456789")])
		return false;
	for (size_t i = 0; i < options_rows; i++)
		if (names_tell(&options_table[i], name + 2))
			return true;
	return false;
}

void options_unknown(const char *name)
{
	struct likeness best = { .distance = 0 };
	struct buf b = { 0 };

	msg_quote(&b, name, strlen(name), SPELLING_MOST);
	if (name[1] == '-') {
		best = nearest(name + 2);
		unknown_foreign(name, buf_str(&b), best);
	}
	if (best.word)
		msg_die(2, "unknown option %s; did you mean --%.*s?", buf_str(&b), (int)best.len,
			best.word);
	if (unknown_is_told(name))
		msg_die(2, "unknown option %s; pq --help %s lists what is like it", buf_str(&b), name + 2);
	msg_die(2, "unknown option %s; pq --help lists what there is", buf_str(&b));
}
