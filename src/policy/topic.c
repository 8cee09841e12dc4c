/* Topics. See topic.h. */
#include "policy/topic.h"

#include <string.h>

/* The words that are left of a text: the first one, and where the text ends. */
struct words {
	const char *at; /* NULL: none is left */
	size_t len;     /* of the first */
	const char *end;
};

static void words_measure(struct words *w)
{
	const char *dot = memchr(w->at, '.', (size_t)(w->end - w->at));

	w->len = (size_t)((dot ? dot : w->end) - w->at);
}

static struct words words_of(const char *text, size_t len)
{
	struct words w = { len ? text : NULL, 0, text + len };

	if (w.at)
		words_measure(&w);
	return w;
}

static void words_pass(struct words *w)
{
	const char *behind = w->at + w->len;

	w->at = behind < w->end ? behind + 1 : NULL;
	if (w->at)
		words_measure(w);
}

static bool words_is(const struct words *w, char wildcard)
{
	return w->at && w->len == 1 && *w->at == wildcard;
}

static bool words_fit(const struct words *pattern, const struct words *key)
{
	if (!pattern->at)
		return false;
	return words_is(pattern, '*')
		|| (pattern->len == key->len && memcmp(pattern->at, key->at, key->len) == 0);
}

/* Only the last # that was met may take more words: whatever an earlier one could take
 * more, that one can as well. */
bool topic_fits(const char *pattern, const char *text, size_t len)
{
	struct words wanted = words_of(pattern, strlen(pattern)), key = words_of(text, len);
	struct words behind, taken; /* what follows that #, and the key from where it ends */
	bool any = false;

	for (;;) {
		if (words_is(&wanted, '#')) {
			words_pass(&wanted);
			if (!wanted.at)
				return true;
			behind = wanted;
			taken = key;
			any = true;
		} else if (!key.at) {
			return !wanted.at;
		} else if (words_fit(&wanted, &key)) {
			words_pass(&wanted);
			words_pass(&key);
		} else if (any) {
			words_pass(&taken);
			wanted = behind;
			key = taken;
		} else {
			return false;
		}
	}
}

const char *topic_flaw(const char *pattern)
{
	struct words w = words_of(pattern, strlen(pattern));

	if (!w.at)
		return "is empty; # fits every topic";
	for (; w.at; words_pass(&w))
		if (w.len != 1 && (memchr(w.at, '*', w.len) || memchr(w.at, '#', w.len)))
			return "has a * or # beside other letters: each stands for whole words, as in "
				"'orders.*.paid' and 'orders.#'; --match takes expressions";
	return NULL;
}
