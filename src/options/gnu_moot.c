/* What GNU parallel passes over: options that have no say where they stand. pq refuses them under
 * its own name; here lines that have worked for years go on to. Main thread. */
#include "options/gnu_set.h"

#include <string.h>

#include "options/names.h"
#include "options/value.h"

#define GNU_TAGS "--tag --tagstring --ctag --ctagstring"
#define GNU_LIST "-0 -d -a -C --csv --header --trim -E -r --skip-first-line --shuf --link -n -N " \
	"-X -m --xargs -L -l --pipe --pipe-part --block --recstart --recend --regexp"

/* As if none of the list had been given. */
static void gnu_forget(struct options *o, const char *list)
{
	const char *word;
	size_t len;

	while ((word = options_word(&list, &len))) {
		size_t kept = 0;

		for (size_t i = 0; i < o->nnotes; i++)
			if (!options_is_named(o->notes[i].row, word, len))
				o->notes[kept++] = o->notes[i];
		o->nnotes = kept;
	}
}

static void gnu_forget_tags(struct options *o, const char *instead)
{
	gnu_forget(o, GNU_TAGS);
	for (size_t i = 0; i < o->nsections; i++)
		o->sections[i].tag = o->sections[i].tag ? instead : NULL;
}

/* Files have the output of jobs by itself, whatever it would look like elsewhere. */
static void gnu_moot_results(struct options *o)
{
	gnu_forget_tags(o, NULL);
	gnu_forget(o, "-u --line-buffer --group");
	for (size_t i = 0; i < o->nsections; i++)
		o->sections[i].output = OUTPUT_GROUP;
}

/* What is to be done is in the job log. */
static void gnu_moot_command(struct options *o)
{
	gnu_forget(o, GNU_LIST);
	o->sections->ncommand = 0;
	o->ninputs = 0;
	o->max_args = o->max_lines = 0;
	o->repeat_words = o->as_many = o->pipe = o->link = false;
}

void gnu_moot(struct options *o)
{
	bool ungrouped = false;

	if (o->retry_failed)
		gnu_moot_command(o);
	if (!o->pipe)
		gnu_forget(o, "--block --recstart --recend");
	if (!o->pipe || (!o->recstart.text && !o->recend.text)) {
		gnu_forget(o, "--regexp");
		o->regexp = false;
	}
	if (o->results)
		gnu_moot_results(o);
	if (options_note(o, o->sections, "--tty", 5)) /* what jobs write there is never held */
		gnu_forget(o, "--line-buffer --group");
	if (o->pipe) /* there is no item */
		gnu_forget(o, "--tag --ctag");
	for (size_t i = 0; i < o->nsections; i++) {
		ungrouped |= o->sections[i].output == OUTPUT_UNGROUP;
		if (o->pipe && o->spread != SPREAD_ALL && o->sections[i].tag == o->braces)
			o->sections[i].tag = "";
	}
	if (ungrouped) {
		gnu_forget_tags(o, NULL);
		gnu_forget(o, "-k");
		o->ordered = false;
	}
}
