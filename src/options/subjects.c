/* What an option is about, in words that it is looked for by and that are not in its line. */
#include "options/names.h"

#include <string.h>

/* Beginnings of words, and the options: one of the names of each. */
static const struct {
	const char *words, *options;
} subjects[] = {
	{ "parallel concurren thread cpu core process worker simultan",
	  "jobs jobserver load nice weight" },
	{ "throttl sleep interval slow frequen", "rate rate-key delay backoff breaker" },
	{ "busy memory ram idle polite swap", "load memfree nice queue-bytes max-item" },
	{ "abort stop fail error exit status", "halt ack-on retry-on reject-on dead-letter quiet" },
	{ "again repeat attempt rerun retry", "retries backoff retry-on retry-failed breaker" },
	{ "kill signal hang stuck", "timeout term-seq drain" },
	{ "duplicat dedup uniq distinct twice", "unique unique-for" },
	{ "batch chunk split several", "max-args N X pipe block L" },
	{ "sort order sequen", "keep-order priority order-by key shuf" },
	{ "log history record", "joblog json results journal dead-letter" },
	{ "continue crash restart checkpoint interrupt", "journal resume resume-failed" },
	{ "dead poison letter", "dead-letter poison from" },
	{ "exactly-once idempoten", "unique journal unique-for" },
	{ "column field table tsv", "colsep csv header regex jsonl" },
	{ "filter grep sed replace edit", "expression file in-place match validate" },
	{ "queue broker redis sqlite postgres", "from to stats admin queue-size lease" },
	{ "daemon server service watch tail", "follow from persistent metrics" },
	{ "verbose quiet silent what", "verbose dry-run progress quiet summary" },
	{ "eta bar time", "progress summary timeout joblog" },
	{ "prometheus monitor grafana perfetto profil gantt", "metrics trace summary" },
	{ "tenant customer fair starv", "key key-jobs rate-key weight priority aging" },
	{ "prefix label colour", "tag tagstring color" },
	{ "zero nul print0 newline", "null delimiter" },
	{ "node machine", "shard order-by" },
	{ "ci test flaky", "junit report retries timeout halt shard order-by color" },
};

/* Does a word of the list begin the text? */
static bool subjects_begins(const char *list, const char *text)
{
	const char *word;
	size_t len;

	while ((word = options_word(&list, &len)))
		if (strncmp(text, word, len) == 0)
			return true;
	return false;
}

static bool subjects_names(const char *list, const struct option_row *row)
{
	char name[OPTION_NAME];
	const char *word;
	size_t len;

	while ((word = options_word(&list, &len)))
		if (len == 1 ? row == names_letter(*word) : row == names_whole(word, len, name))
			return true;
	return false;
}

bool names_tell(const struct option_row *row, const char *text)
{
	for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
		if (subjects_begins(subjects[i].words, text) && subjects_names(subjects[i].options, row))
			return true;
	return false;
}
