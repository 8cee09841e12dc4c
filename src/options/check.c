/* What cannot work together: one table of options that exclude each other, walked once,
 * and the few values that do not go with each other. Main thread, before anything is
 * started. */
#include "options/table.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/machine.h"
#include "base/msg.h"
#include "options/names.h"
#include "options/states.h"
#include "options/value.h"
#include "desk/columns.h"

/* --- the table --------------------------------------------------------- */

#define EVERY_RECORD "each record is transformed by itself"
#define NO_START "no job is started that could wait"
#define NO_OUTCOME "no job is run that could have an outcome"
#define UNSEEN "records are not looked at one by one"
#define UNCUT "blocks are not taken apart"
#define NO_PASSAGE "what jobs write themselves does not pass through pq"
#define AGAIN "--journal --resume --resume-failed"
#define FILES "--content --in-place"
#define CUTS "--content-null --whole-file"
#define LEAVE_IT "leave it out"
#define LEAVE_ONE "leave one out"

const struct option_conflict options_conflicts[] = {
	{ "SHORT_O", "!ACTION --retry-failed", "in xargs and parallel -o opens the terminal",
	  "--output FILE is meant, or --tty" },
	{ "--retry-failed", "--resume --resume-failed", "they read the list again", LEAVE_ONE },
	{ "--retry-failed", "COMMAND -e -f --in-place --from INPUT --pipe --content -n -N -X -E "
	  "--skip-first-line --shuf --shard --order-by -C --csv --header --regex --jsonl --trim "
	  "--validate --unique -0 -d -s -x -L --link -r --max-item --block --recstart --recend "
	  "--regexp --csv-lax --csv-strict --skip-lines --comment",
	  "the commands are in the job log, and no input is read",
	  "leave it out, or use --resume-failed" },
	{ "--retry-failed", "--next", "a job of the log would be run by every section", LEAVE_IT },
	{ "--retry-failed", "RENAMED", "a command of the job log has its item in it", LEAVE_IT },
	{ "--retry-failed", "--no-shell", "a job log has lines for the shell", LEAVE_IT },
	{ "--retry-failed", "DROPS", "what is dropped would stay failed",
	  "leave it out, the job log waits" },
	{ "--retry-failed", "--dry-run", "nothing would be run, and all be on record as done",
	  LEAVE_ONE },
	{ "--retry-failed", "--journal", "that goes on by itself", LEAVE_ONE },
	{ "--retry-failed", "--dead-letter", "what fails again is in the job log", LEAVE_IT },
	{ "--retry-failed", "-o", "it is emptied first", "use >>FILE" },
	{ "--retry-failed", "!--joblog", "there is no record of what has failed",
	  "add --joblog FILE" },

	/* one way to do a thing */
	{ "-u", "-k", "what jobs write themselves cannot be put in order", LEAVE_ONE },
	{ "-u", "--tag --tagstring", "what jobs write themselves cannot be marked",
	  "use --line-buffer instead of -u" },
	{ "-u", "--line-buffer --group", "each is a way to show output", "choose one" },
	{ "--line-buffer", "--group", "each is a way to show output", "choose one" },
	{ "-c", "--no-shell", "the command is either a shell line or not", LEAVE_ONE },

	/* sections */
	{ "--deliver --weight", "!--next", "there is one section, which has everything",
	  "add --next and another command" },
	{ "--topic-key", "!TOPICS --to", "no section asks for a topic, and no queue gets one",
	  "add --topic 'orders.#'" },
	{ "SHARED", "LATER_JOBS", "sections with weights share the workers of the first",
	  "give -j before the first --next" },
	{ "--next", "BOTH", "all sections get the same items, and -e would change them",
	  "transform in the command, {= s/old/new/ =}, or in a pq before this one" },
	{ "--next", "--in-place", "several would rewrite the same file", "do it in one section" },
	{ "--next", "-X", "as many as fit is another number for each command", "use -n" },

	/* input */
	{ "--from", "INPUT", "it merges its sources, and the others are combined",
	  "use one kind" },
	{ "--from", "--link", "merged sources are not paired up", "use -a or ::::" },
	{ "--skip-first-line", "--skip-lines", "that is --skip-lines 1", LEAVE_ONE },
	{ "--comment", "NOFILE", "arguments are no comments", LEAVE_IT },
	{ "--skip-first-line --skip-lines", "NOFILE", "arguments have no first line",
	  "leave out the first one" },
	{ "-d -0", "WHOLE", "each argument is an item as it is",
	  "leave it out, or cut a list: printf a,b | pq -d , ..." },

	{ "LINES", "-n -N", "each says how much a job has", LEAVE_ONE },
	{ "-s", "--pipe", "records are not arguments", "try --block SIZE" },
	{ "-s -x", "TRANSFORM MOVES", "no command is run that could be too long", LEAVE_IT },
	{ "-s", "--persistent", "its items are no arguments", LEAVE_IT },
	{ "LINES", "TAKES", "an item of a queue is no line", "use -n" },

	/* the share of a node */
	{ "SHARD", "--shuf", "each node would count in another order, and some items be nobody's",
	  "use --shard I/N,hash" },
	{ "SHARD", "MERGED", "they are merged as they come, in another order on each node",
	  "use :::: or cat, or --shard I/N,hash" },
	{ "HASHED", "--pipe", "a block is another one whenever something stands before it",
	  "leave out ,hash" },

	/* the longest of the last run first */
	{ "--order-by", "TRANSFORM MOVES", "no job is run that could have taken a time", LEAVE_IT },
	{ "--order-by", "--pipe", "no command in a job log says which block it had", LEAVE_IT },
	{ "--order-by", "--shuf", "each is an order", LEAVE_ONE },
	{ "--order-by", "TAKES", "a queue has no end before it is drained", LEAVE_IT },
	{ "--order-by", "DROPS", "all items are there at once, and would fill the queue",
	  LEAVE_IT },
	{ "--order-by", "-X", "how many records fit depends on -j and the environment", "use -n" },

	/* an input that has no end */
	{ "--follow", "NOFILE", "arguments have an end", LEAVE_IT },
	{ "--follow", "SOURCES", "combinations are made of what is there",
	  "merge the sources with --from" },
	{ "--follow", "--shuf --order-by", "all input is read first, and it would have no end",
	  LEAVE_ONE },
	{ "--follow", "-X", "a job would wait until its command line is full", "use -n" },
	{ "--follow", "--retry-failed", "no input is read", LEAVE_IT },

	/* queues that others share */
	{ "--shard", "TAKES", "a queue gives each item to one of those that take from it", LEAVE_IT },
	{ "--shuf", "TAKES", "a queue has no end before it is drained", LEAVE_IT },
	{ "--pipe", "TAKES", "its items are settled one by one, and blocks are not taken apart",
	  "give the item to the command, {}, or use --persistent" },
	{ "--comment", "TAKES", "an item of a queue is none", LEAVE_IT },
	{ "--header --skip-first-line --skip-lines", "TAKES",
	  "others take from it, too, so it has no first item",
	  "try --jsonl, or --regex '(?<name>...)'" },
	{ "-E", "TAKES", "others take from it, too, and it ends when it is drained", LEAVE_IT },
	{ "DROPS", "TAKES", "what is dropped would be lost to a queue that can wait", LEAVE_IT },
	{ "--dry-run", "TAKES", "items would be taken and not done",
	  "pq --admin ADDRESS peek 10 shows some" },
	{ "--lease --keep", "!TAKES", "it is about items that are taken from a queue",
	  "add --from sqlite:FILE#NAME" },
	{ "--give-up --durable", "!QUEUE", "it is about queues that others share",
	  "add --from or --to sqlite:FILE#NAME" },
	{ "--unique-for", "!--to", "keys are remembered by the queue that items go to",
	  "add --to sqlite:FILE#NAME" },
	{ "--unique-for", "!--unique", "there is no key that could count", "add --unique" },
	{ "--topic-key", "REMAKES", "what -e has made has no topic of its own",
	  "let a second pq give it: pq -e ... | pq --to ADDRESS --topic-key T" },
	{ "--to", "-o", "results go to one place", LEAVE_ONE },
	{ "--to", "-u", NO_PASSAGE, "leave out -u" },
	{ "--to", "--line-buffer", "what a job prints is put there when it has ended", LEAVE_ONE },
	{ "--to", "--in-place", "nothing is printed", LEAVE_ONE },
	{ "-n -N -L -X --tag --tagstring", "MOVES", "items are moved as they are", LEAVE_IT },
	{ "--retries --retry-on --reject-on --backoff --ack-on --aging --key --key-jobs --affinity "
	  "--rate --rate-key --delay --load --memfree --breaker --json --results --joblog --junit "
	  "--report --timeout --term-seq --nice --jobserver --dry-run -t -c --no-shell RENAMED "
	  "--process-slot-var",
	  "MOVES", "no job is run, items are moved as they are", LEAVE_IT },
	{ "--to", "--json --results --files", "what a job prints goes to the queue, as it is",
	  LEAVE_ONE },
	{ "--watch", "!--stats", "there is nothing to look at", "try --stats ADDRESS --watch" },

	/* outcomes, and when to start */
	{ "--retry-on", "!--retries", "nothing would be tried again", "add --retries 3" },
	{ "--backoff", "!--retries --persistent", "nothing would be tried again",
	  "add --retries 3" },
	{ "REJECTS", "!--retries --persistent", "nothing is tried again", LEAVE_IT },
	{ "--aging", "!--priority", "there is nothing that it could lift", "add --priority T" },
	{ "--affinity", "!--key", "it is keys that prefer a worker", "add --key T" },
	{ "--key-jobs", "!--key", "without keys -j is the limit", "add --key T" },
	{ "--rate-key", "!--rate", "there is no rate that it could be for", "add --rate 10/s" },

	/* columns are made in one way, and of a record */
	{ "--regex", "-C --csv", "columns are its groups or what is between separators",
	  LEAVE_ONE },
	{ "--regex", "--header", "name its groups, (?<name> ), and leave out the header with "
	  "--skip-first-line", NULL },
	{ "--jsonl", "-C --csv --header --regex --trim",
	  "what has names are the members of the object", LEAVE_ONE },
	{ "--jsonl", "!ACTION MOVES", "a JSON object is no shell line", "try --jsonl echo {name}" },

	/* an item names a file, for a command or -e */
	{ "--in-place", "!-e -f", "there is nothing to do to the files",
	  "try --in-place -e 's/old/new/'" },
	{ "--in-place", "FILENAME", "files are items", "put ::: before their names" },
	{ "--in-place", "COMMAND", "only -e rewrites files",
	  "let the command write them itself" },
	{ "--in-place", "--tag --tagstring -o", "nothing is printed", LEAVE_ONE },
	{ "--content", "!ACTION", "there is nothing to read the files",
	  "try --content 'wc -l'" },
	{ "--content", "BOTH", "-e would change the file's name",
	  "let the command read what another pq --content -e prints" },
	{ CUTS, "!" FILES, "no item names a file whose content it could be about",
	  "add --content or --in-place; items are cut by -0 and -d" },
	{ CUTS, "COMMAND", "a command gets the content as it is", LEAVE_IT },
	{ "--content-null", "--whole-file", "each says what a record of a file is", LEAVE_ONE },
	{ FILES, "-n -N -L -X", "a job has one stdin, so it reads one file", LEAVE_ONE },
	{ FILES, "-C --csv --header", "a column names no file", "cut the name out before" },
	{ FILES, "--jsonl", "a member names no file", "take the name out before: jq -r .name" },
	{ FILES, "SOURCES", "a combination names no file",
	  "use one source, or merge them with --from" },

	/* -e without a command: nothing that is about jobs makes sense */
	{ "-n -N -L -X", "TRANSFORM", EVERY_RECORD, LEAVE_IT },
	{ "-C --csv", "TRANSFORM", "there is no {1} to be filled in; the step cut picks columns",
	  LEAVE_IT },
	{ "--regex", "TRANSFORM", "there is no {1} to be filled in; the step m/// does this",
	  LEAVE_IT },
	{ "--header", "TRANSFORM", "there is no {name} to be filled in; --skip-first-line leaves "
	  "the header out", LEAVE_IT },
	{ "--trim", "TRANSFORM", "the step trim does this", LEAVE_IT },
	{ "--jsonl", "TRANSFORM", "there is no {name} to be filled in; jq before pq "
	  "does this", LEAVE_IT },
	{ "--validate", "TRANSFORM", UNSEEN "; the step /RE/ keeps those that match", LEAVE_IT },
	{ "--unique", "TRANSFORM", "nobody compares the records of a transform; "
	  "awk '!seen[$0]++' before pq does", LEAVE_IT },
	{ "DROPS", "TRANSFORM", "what is left would be no transform of the input; -e waits for its "
	  "output to be read", LEAVE_IT },
	{ "--nice", "TRANSFORM", "no job is run; nice before pq does this", LEAVE_IT },
	{ "--jobserver", "TRANSFORM", "no job is run that could take part in it", LEAVE_IT },
	{ "--high-water", "TRANSFORM", "records travel in runs, and are not counted as they wait",
	  LEAVE_IT },
	{ "--retries --retry-on --reject-on --backoff", "TRANSFORM",
	  "a transform fails again the same way", LEAVE_IT },
	{ "--priority --aging --key --key-jobs --affinity --rate --rate-key --delay --load --memfree "
	  "--breaker", "TRANSFORM", NO_START, LEAVE_IT },
	{ "--ack-on", "TRANSFORM", NO_OUTCOME, LEAVE_IT },
	{ "--json", "TRANSFORM", "no job is run that could be an object", LEAVE_IT },
	{ "--results", "TRANSFORM", "no job is run that could have results", LEAVE_IT },
	{ "--joblog", "TRANSFORM", "no job is run that could be logged", LEAVE_IT },
	{ "--junit", "TRANSFORM", "no job is run that could be a test case", LEAVE_IT },
	{ "--timeout", "TRANSFORM", "no job is run; a record that takes too long fails by itself",
	  LEAVE_IT },
	{ "--term-seq", "TRANSFORM", "no job is run that could be ended", LEAVE_IT },
	{ "--dry-run", "REWRITES", "no command would be run", "--content and --in-place show what "
	  "would change" },
	{ "-t", "TRANSFORM", "no command is run that could be shown", LEAVE_IT },
	{ "-u", "TRANSFORM", "no job is run that could write by itself", LEAVE_IT },
	{ "-c --no-shell RENAMED --process-slot-var", "TRANSFORM", "there is no command", LEAVE_IT },

	/* --tty: a job that has the terminal */
	{ "--tty", "SEVERAL", "one job at a time has the terminal", "leave out -j" },
	{ "--tty", "--next", "each section would have a job at it", "leave out --next" },
	{ "--tty", "TRANSFORM MOVES", "no job is run that could have the terminal", LEAVE_IT },
	{ "--tty", "--pipe --content --persistent", "a job has one stdin, and the terminal is it",
	  LEAVE_ONE },
	{ "--tty", "--tag --tagstring --group --line-buffer -o --to --json --results --files "
	  "--journal", NO_PASSAGE, LEAVE_ONE },
	{ "--tty", "--progress", "it would be drawn over what the job shows", LEAVE_ONE },

	/* -p: who is at the terminal decides */
	{ "-p", "TRANSFORM MOVES", "no command is run that could be asked about", LEAVE_IT },
	{ "-p", "--persistent", "its items are no commands", LEAVE_IT },
	{ "-p", "--dry-run", "no command is run that could be asked about", LEAVE_ONE },
	{ "-p", "--progress", "it would be drawn over the question", LEAVE_ONE },
	{ "-p", "TAKES", "what is not wanted would be gone from its queue",
	  "pq --admin ADDRESS peek 10 shows some" },
	{ "-p", "--journal", "what is not wanted would be on record as done", LEAVE_ONE },

	/* --persistent: a command that is started once, and fed */
	{ "--until --ready --recycle", "!--persistent",
	  "only a worker that stays up has it", "add --persistent" },
	{ "--prefetch --poison", "!--persistent TAKES",
	  "only a worker that stays up and a queue in --from have it", "add --persistent" },
	{ "--persistent", "!COMMAND", "there is nothing that could stay up",
	  "try --persistent ./worker" },
	{ "--until", "FORMED", "an answer there says itself where it ends", "leave out --until" },
	{ "--persistent", "SHARED", "its workers are started for it alone",
	  "give each section its -j" },
	{ "--persistent", "--pipe", "a worker that stays up gets items, no blocks", LEAVE_ONE },
	{ "--persistent", "--content", "a worker has one stdin, and gets items there",
	  "let it open the file that the item names" },
	{ "--persistent", "-n -N -L -X", "a worker is written one record at a time", LEAVE_ONE },
	{ "--persistent", "-u", "pq has to read the answers", "leave out -u" },

	/* --pipe: bytes of streams, cut into blocks that nobody looks into */
	{ "--block --recstart --recend --regexp", "!--pipe", "only the blocks of --pipe have it",
	  "add --pipe" },
	{ "--regexp", "!--recstart --recend", "there is no expression", "add --recstart RE" },
	{ "--csv", "--regexp", "CSV says itself where a record ends", LEAVE_ONE },
	{ "--csv-lax", "!--csv", "it is about the quotes of CSV files", "add --csv" },
	{ "--csv-strict", "!--csv", "it is about the fields of CSV files", "add --csv" },
	{ "--pipe", "!COMMAND", "there is nothing to read the records", "try --pipe 'wc -l'" },
	{ "--pipe", "-e -f", "blocks are not transformed", "try pq -e ... | pq --pipe" },
	{ "--pipe", "--content", "a job has one stdin", "try one of them alone" },
	{ "--pipe", "-X", "records are not arguments", "try --block SIZE" },
	{ "--pipe", "--priority", UNSEEN, "try sort before pq" },
	{ "--pipe", "--key", UNSEEN, "try -j1" },
	{ "--pipe", "--rate-key", UNSEEN, "try --rate alone" },
	{ "--pipe", "-E --trim", UNSEEN, "try sed before pq" },
	{ "--pipe", "--shuf", UNSEEN, "try shuf before pq" },
	{ "--pipe", "--skip-first-line", UNSEEN, "try tail -n +2 before pq" },
	{ "--pipe", "--skip-lines", UNSEEN, "try tail -n +N before pq" },
	{ "--pipe", "--comment", UNSEEN, "try grep -v before pq" },
	{ "--pipe", "--csv-strict", UNCUT, "try to look at them in the command" },
	{ "--pipe", "BARE_C --regex --jsonl", UNCUT, "try to take them apart in the command" },
	{ "PIPED_CSV", "--recstart --recend", "CSV says itself where a record ends", LEAVE_ONE },
	{ "--pipe", "--match --topic --topic-key", UNSEEN, "try grep before pq" },
	{ "--pipe", "--validate", UNSEEN, "try grep before pq" },
	{ "--pipe", "--unique", UNSEEN, "try awk '!seen[$0]++' before pq" },
	{ "THROUGH", "SOURCES", "blocks of them cannot be combined",
	  "try --from, which merges them" },
	{ "BLOCKS", "ARGUMENTS", "it cuts what is in files", "try :::: FILE" },

	{ "--tee --round-robin", "!--pipe", "it is about a stream that jobs read", "add --pipe" },
	{ "SPREAD", "!--pipe", "nothing says that jobs read any", "add --pipe" },
	{ "--tee", "!VALUES", "it says which jobs read the input: one for each argument",
	  "try --tee 'sort {}' ::: -n -r" },
	{ "--group-by --rrs --cat", "!--pipe", "it is about the blocks of --pipe", "add --pipe" },
	{ "--group-by", "--recstart --recend --csv -L -0 -d", "records are lines with one key",
	  LEAVE_ONE },
	{ "--rrs", "--csv --group-by", "its records are not apart without it", LEAVE_ONE },
	{ "--tee", "--round-robin", "each job reads all, or its blocks", LEAVE_ONE },
	{ "SPREAD", "--cat", "what jobs read together is a stream", LEAVE_IT },
	{ "SPREAD", "--next", "its jobs are those of one command", LEAVE_IT },
	{ "SPREAD", "--retries --backoff " AGAIN, "what a job has read cannot be read again",
	  LEAVE_IT },
	{ "SPREAD", "SHARD HASHED --shuf --from --overflow --queue-size --queue-bytes --follow "
	  "--skip-first-line OTHERJOBS",
	  "all of its jobs run at the same time", LEAVE_IT },

	/* where output goes */
	{ "-o", "-u", NO_PASSAGE, "leave out -u" },
	{ "--json --results --files", "-u", NO_PASSAGE, "leave out -u" },
	{ "--json --results", "--line-buffer", "it is written when a job has ended", LEAVE_ONE },
	{ "--files", "--json TABLE", "each says what is printed in place of the output", LEAVE_ONE },
	{ "--files", "TRANSFORM MOVES", "no job is run that could print anything", LEAVE_IT },
	{ "--files", "--in-place", "nothing is printed", LEAVE_ONE },
	{ "--json --results", "--tag --tagstring", "the item is beside the output, not in it",
	  "leave out --tag" },
	{ "--trace --metrics", "--dry-run", "nothing is run that could be seen", LEAVE_IT },
	{ "--json", "TABLE", "both are for standard output", LEAVE_ONE },

	/* what is read again must be the same items with the same numbers */
	{ AGAIN, "TRANSFORM MOVES", "no job is run that could be on record", LEAVE_IT },
	{ AGAIN, "--shuf", "the order would be another one each time",
	  "keep what shuf prints in a file" },
	{ AGAIN, "-X", "how many records fit depends on -j and the environment", "use -n" },
	{ AGAIN, "MERGED", "they are merged as they come, in another order each time",
	  "use :::: or cat" },
	{ AGAIN, "TAKES", "a queue knows itself what is done", LEAVE_IT },
	{ AGAIN, "--dry-run", "nothing would be run, and all be on record as done", LEAVE_ONE },
	{ AGAIN, "DROPS", "what is dropped would be neither done nor left",
	  "leave it out, a list waits" },
	{ "--journal", "-u", "pq does not see when the output of a job is written",
	  "use --line-buffer" },
	{ "--journal", "LINEFILE", "the file is in input order", "leave out --line-buffer" },
	{ "--resume --resume-failed", "!--joblog", "there is no record of what is done",
	  "add --joblog FILE" },
	{ "--resume --resume-failed", "--journal", "that goes on by itself", LEAVE_ONE },
	{ "--resume --resume-failed", "-o", "it is emptied first",
	  "use --journal, which goes on with it" },
};

const size_t options_conflict_count = sizeof options_conflicts / sizeof *options_conflicts;

/* --- the walk ---------------------------------------------------------- */

/* A word of a list. */
struct word {
	const char *name;
	size_t len;
	const char *text; /* what messages call it, if it was given or is so; else NULL */
};

/* The first of the list that was given, or is so; or the first as it stands there. */
static struct word find_given(const struct asked *asked, const char *list)
{
	struct word first = { 0 }, word = { 0 };

	while ((word.name = options_word(&list, &word.len))) {
		const struct condition *state = states_find(word.name, word.len);
		const struct option_note *note = state ? NULL
			: options_note(asked->o, asked->s, word.name, word.len);

		word.text = note ? note->name : state && state->holds(asked) ? state->text : NULL;
		if (word.text)
			return word;
		if (!first.name)
			first = word;
	}
	return first;
}

static _Noreturn void refuse_conflict(const struct asked *asked, const struct word *a,
	const struct word *b, const struct option_conflict *c)
{
	const char *missing = options_state(b->name, b->len);
	struct buf text = { 0 };

	if (asked->o->nsections > 1
	    && (states_is_own(a->name, a->len) || states_is_own(b->name, b->len)))
		buf_addf(&text, "section %zu: ", (size_t)(asked->s - asked->o->sections) + 1);
	buf_addf(&text, "%s %s ", a->text, b->text ? "with" : "without");
	if (b->text || missing)
		buf_adds(&text, b->text ? b->text : missing);
	else
		buf_add(&text, b->name, b->len);
	buf_addf(&text, ": %s", c->reason);
	if (c->instead)
		buf_addf(&text, "; %s", c->instead);
	msg_die(2, "%s", buf_str(&text));
}

static void check_conflict(const struct asked *asked, const struct option_conflict *c)
{
	bool without = *c->b == '!';
	struct word a = find_given(asked, c->a), b;

	if (!a.text)
		return;
	b = find_given(asked, c->b + without);
	if (!b.text == without)
		refuse_conflict(asked, &a, &b, c);
}

/* --- values ------------------------------------------------------------ */

static void check_csv(const struct options *o)
{
	char byte;

	if (!o->csv || !o->colsep)
		return;
	if (!columns_byte(o->colsep, &byte))
		msg_die(2, "--csv with --colsep: fields end with one byte, not with an expression; "
			"try -C ';'");
	if (byte == '"' || byte == o->separator)
		msg_die(2, "--csv with --colsep: %s; try -C ';'", byte == '"'
			? "a quote is a quote" : "it ends records, and cannot end fields, too");
}

/* Only --pipe has more of them. */
static void check_header(const struct options *o)
{
	struct buf text = { 0 };

	if (!o->header || o->pipe || strcmp(o->heading, ":") == 0)
		return;
	msg_quote(&text, o->heading, strlen(o->heading), 60);
	msg_die(2, "--header: %s is no header that pq knows; --header : takes the first record, N "
		"and expressions are for --pipe", buf_str(&text));
}

static void check_bytes(const struct options *o)
{
	if (o->regexp)
		return;
	value_check_bytes("--recstart", &o->recstart);
	value_check_bytes("--recend", &o->recend);
}

static bool is_stdin(const char *file)
{
	return file && strcmp(file, "-") == 0;
}

static unsigned count_stdin(const struct section *s)
{
	unsigned count = 0;

	for (size_t i = 0; i < s->nexpressions; i++)
		count += is_stdin(s->expressions[i].file);
	return count;
}

/* Items come from it where no source is named. */
static void check_stdin(const struct options *o)
{
	unsigned items = !o->ninputs && !o->nfrom && !o->retry_failed, scripts = 0;

	for (size_t i = 0; i < o->ninputs; i++)
		items += is_stdin(o->inputs[i].file);
	items += is_stdin(o->order_by);
	for (size_t i = 0; i < o->nfrom; i++)
		items += is_stdin(source_path(o->from[i].path));
	for (size_t i = 0; i < o->nsections; i++)
		scripts += count_stdin(&o->sections[i]);
	if (scripts && items)
		msg_die(2, "-f - with items from stdin: it can be read only once; name a file");
	if (items > 1 || scripts > 1)
		msg_die(2, "stdin (-) can be read only once");
}

static void check_range(const struct section *s)
{
	unsigned least, most;

	if (!s->range)
		return;
	least = jobs_wanted(&s->least, NULL);
	most = jobs_wanted(&s->jobs, NULL);
	if (least > most)
		msg_die(2, "-j MIN..MAX: at least %u and at most %u jobs cannot be; exchange them",
			least, most);
}

static void check_answers(const struct section *s)
{
	if (s->persistent && s->answers == ANSWER_JSON && !json_value_built())
		msg_die(2, "--persistent=json: built without jansson; install it and run ./configure "
			"again");
}

static void check_machine(const struct options *o)
{
	unsigned running;
	uint64_t memory;

	if (o->load_given && !machine_running(&running))
		msg_die(2, "--load: cannot see how busy this machine is: %s", strerror(errno));
	if (o->memfree && !machine_memory(&memory))
		msg_die(2, "--memfree: cannot see how much memory is free: %s", strerror(errno));
}

/* Where the nodes deal items out by a log, it is the same for all of them. */
static void check_order(const struct options *o)
{
	if (o->order_by && o->joblog && o->shard.count && !o->shard.hash
	    && strcmp(o->order_by, o->joblog) == 0)
		msg_die(2, "--order-by %s with --shard: it is the job log of this node, too, and the "
			"nodes deal items out by the same one; write to another file", o->order_by);
}

/* A section that is not the only one has something to do, and a name of its own. */
static void check_section(const struct options *o, size_t i)
{
	const struct section *s = &o->sections[i];

	if (o->nsections > 1 && !s->ncommand && !s->nexpressions)
		msg_die(2, "section %zu has no command; {} runs each item, and : discards it", i + 1);
	if (o->deliver == DELIVER_FIRST && !s->match && !s->topic && i + 1 < o->nsections)
		msg_die(2, "--deliver first: section %zu gets whatever comes, and those behind it "
			"nothing; put it last, or give it --match or --topic", i + 1);
	for (size_t k = 0; s->name && k < i; k++)
		if (o->sections[k].name && strcmp(o->sections[k].name, s->name) == 0)
			msg_die(2, "--name %s: section %zu has this name, too; sections are told apart "
				"by it", s->name, k + 1);
}

/* --- instead of a run -------------------------------------------------- */

/* Beside what is looked at or after there are only options of how it is shown. */
static void check_alone(const struct options *o, const char *name, const char *others)
{
	for (size_t i = 0; i < o->nnotes; i++) {
		const struct option_note *note = &o->notes[i];
		const char *list = others, *word;
		bool fits = options_is_named(note->row, name, strlen(name));
		size_t len;

		while ((word = options_word(&list, &len)))
			fits |= options_is_named(note->row, word, len);
		if (!fits)
			msg_die(2, "%s with %s: nothing is run; " LEAVE_IT, note->name, name);
	}
	if (o->ninputs)
		msg_die(2, "%s with input (:::, ::::, -a): nothing is run; " LEAVE_IT, name);
}

/* True: nothing else is to be checked. */
static bool check_no_run(const struct options *o)
{
	if (o->admin)
		check_alone(o, "--admin", NULL);
	if (!o->stats)
		return o->admin;
	check_alone(o, "--stats", "--watch --json --give-up");
	if (o->json_attempts)
		msg_die(2, "--stats with --json=attempts: nothing is run; try --json");
	if (o->sections[0].ncommand)
		msg_die(2, "--stats with a command: nothing is run; " LEAVE_IT);
	return true;
}

void options_check(const struct options *o)
{
	if (check_no_run(o))
		return;
	for (size_t i = 0; i < o->nsections; i++)
		check_section(o, i);
	for (size_t i = 0; i < options_conflict_count; i++)
		for (size_t k = 0; k < o->nsections; k++)
			check_conflict(&(struct asked){ o, &o->sections[k] }, &options_conflicts[i]);
	check_csv(o);
	check_header(o);
	check_bytes(o);
	value_check_column(o);
	check_stdin(o);
	for (size_t k = 0; k < o->nsections; k++) {
		check_range(&o->sections[k]);
		check_answers(&o->sections[k]);
	}
	check_machine(o);
	check_order(o);
}
