/* Long names of GNU parallel's, and what is short for them. See gnu_names.h. */
#include "options/gnu_names.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "options/names.h"

/* A list for each option: its spellings. */
static const char *const gnu_names[] = {
	"_parset", "_pipe-means-argfiles", "_test",
	"arg-file argfile", "arg-file-sep argfilesep", "arg-sep argsep", "bar", "basefile bf",
	"basenameextensionreplace bner", "basenamereplace bnr", "bg", "bin", "bug",
	"block block-size blocksize", "block-timeout blocktimeout bt", "cat", "citation bibtex",
	"cleanup", "colsep col-sep", "color colour",
	"color-failed colour-failed colorfailed colourfailed color-fail colour-fail colorfail "
	"colourfail cf",
	"compress", "controlmaster", "csv", "ctag", "ctagstring ctag-string", "ctrl-c ctrlc",
	"debug", "delay", "delimiter", "dirnamereplace dnr", "dry-run dryrun dr", "embed", "env",
	"eof", "eta", "exit", "extensionreplace er", "fg", "fifo", "files output-as-files "
	"outputasfiles",
	"filter", "filter-hosts filterhosts filter-host", "gnu", "group", "group-by groupby",
	"halt halt-on-error haltonerror", "header", "help",
	"hostgroups hostgroup hostgrp hgrp", "interactive", "joblog jl", "jobs",
	"keep-order keeporder", "latest-line latestline ll", "limit",
	"line-buffer line-buffered linebuffer linebuffered lb", "link xapply",
	"linkinputsource xapplyinputsource", "load", "max-args maxargs", "max-chars maxchars",
	"max-line-length-allowed maxlinelengthallowed", "max-lines maxlines", "max-procs maxprocs",
	"max-replace-args maxreplaceargs", "memfree", "memsuspend", "minversion min-version",
	"nice", "no-ctrl-c no-ctrlc noctrlc", "no-keep-order nokeeporder nok no-k",
	"no-run-if-empty norunifempty", "nonall", "noswap", "null",
	"number-of-cores numberofcores", "number-of-cpus numberofcpus",
	"number-of-sockets numberofsockets", "number-of-threads numberofthreads", "onall",
	"open-tty", "parens", "pipe spreadstdin", "pipe-part pipepart", "plain", "plus",
	"process-slot-var processslotvar", "profile", "progress", "quote", "recend",
	"record-env recordenv", "recstart", "regexp regex", "remove-rec-sep removerecsep rrs",
	"replace", "results result res", "resume", "resume-failed resumefailed", "retries",
	"retry-failed retryfailed", "return", "round-robin roundrobin round", "rpl",
	"rsync-opts rsyncopts", "semaphore", "semaphore-name semaphorename id",
	"semaphore-timeout semaphoretimeout st", "seqreplace", "session", "shard",
	"shebang hashbang", "shell-completion shellcompletion",
	"shell-quote shellquote shell_quote", "show-limits showlimits", "shuf", "silent",
	"skip-first-line skipfirstline", "slotreplace", "sql", "sql-and-worker sqlandworker",
	"sql-master sqlmaster", "sql-worker sqlworker", "ssh", "ssh-delay sshdelay", "sshlogin",
	"sshloginfile slf", "tag", "tagstring tag-string", "tee", "template tmpl",
	"term-seq termseq", "timeout", "tmpdir tempdir", "tmux", "tmux-pane tmuxpane", "tollef",
	"total-jobs totaljobs total", "transfer",
	"transfer-file transferfile transfer-files transferfiles tf", "trc", "trim", "tty",
	"ungroup", "use-compress-program compress-program usecompressprogram compressprogram",
	"use-cores-instead-of-threads usecoresinsteadofthreads",
	"use-cpus-instead-of-cores usecpusinsteadofcores",
	"use-decompress-program decompress-program usedecompressprogram decompressprogram",
	"use-sockets-instead-of-threads usesocketsinsteadofthreads", "verbose", "version", "wait",
	"will-cite willcite nn nonotice no-notice", "work-dir workdir wd", "xargs",
};

/* The first spelling in the list that begins so, or is so: *len bytes; or NULL. */
static const char *gnu_names_begins(const char *list, const char *text, size_t count, bool whole,
	size_t *len)
{
	const char *word;

	while ((word = options_word(&list, len)))
		if ((whole ? *len == count : *len >= count) && strncasecmp(word, text, count) == 0)
			return word;
	return NULL;
}

/* In how many of the lists is it? The one spelling, and for a message all of them. */
static size_t gnu_names_search(const char *text, size_t count, bool whole, struct buf *found,
	struct buf *all)
{
	size_t n = 0, len;

	for (size_t i = 0; i < sizeof gnu_names / sizeof *gnu_names; i++) {
		const char *word = gnu_names_begins(gnu_names[i], text, count, whole, &len);

		if (!word)
			continue;
		buf_clear(found);
		buf_addf(found, "--%.*s", (int)len, word);
		buf_addf(all, "%s%s", n++ ? " or " : "", buf_str(found));
	}
	return n;
}

char *gnu_names_whole(const char *word, size_t len)
{
	struct buf found = { 0 }, all = { 0 };
	char own[OPTION_NAME], *name;
	size_t n = gnu_names_search(word + 2, len - 2, true, &found, &all);

	if (!n && len > 2) {
		n = gnu_names_search(word + 2, len - 2, false, &found, &all);
		if (n > 1 && !names_whole(word + 2, len - 2, own))
			msg_die(2, "%.*s could be %s", (int)len, word, buf_str(&all));
	}
	name = n == 1 ? mem_copy(found.data, found.len) : mem_copy(word, len);
	buf_free(&found);
	buf_free(&all);
	return name;
}
