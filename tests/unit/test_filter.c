/* Which sections get an item: their filters, and the route that asks them. */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "action/template/template.h"
#include "base/buf.h"
#include "desk/filter.h"
#include "desk/route.h"
#include "group.h"
#include "item.h"

enum { MOST = 4 };

static struct group groups[MOST];
static const char among[] = "one of them";

/* Sections with these filters. */
static struct route route_of(const struct filter_rules *rules, unsigned count, bool first)
{
	struct buf why = { 0 };
	struct route r = { .groups = groups, .ngroups = count, .first = first };

	for (unsigned i = 0; i < count; i++)
		groups[i].among = among;
	r.filters = filters_new(rules, count, &why);
	assert_non_null(r.filters);
	return r;
}

static struct template *text_of(const char *text)
{
	return template_text(text, &(struct template_rules){ .braces = "{}" });
}

/* Where an item with these two columns goes, the second its topic: "+" for each section
 * that gets it, "-" for the others. Where it is refused, that is *why. */
static const char *chosen(const struct route *r, const char *first, const char *second,
	const char **why)
{
	static char marks[MOST + 1];
	struct template *whole = text_of("{}"), *topic = text_of("{2}");
	struct draft draft = { .groups = r->ngroups };
	struct buf text = { 0 };
	uint32_t count = 0;
	struct item *item;

	draft_add(&draft, first, strlen(first));
	draft_add(&draft, second, strlen(second));
	item = item_new(&draft, 2, 1);
	filters_read(r->filters, whole, topic);
	*why = route_item(r, item, NULL, &text);
	for (unsigned i = 0; i < r->ngroups; i++) {
		const struct group *group = item->deliveries[i].group;

		assert_true(!group || group == &groups[i]);
		assert_true(!group || item->deliveries[i].section == (*why ? NULL : among));
		marks[i] = group ? '+' : '-';
		count += group != NULL;
	}
	marks[r->ngroups] = '\0';
	assert_int_equal(item->unsettled, count);
	buf_free(&text);
	item_free(item, NULL);
	draft_free(&draft);
	template_free(whole);
	template_free(topic);
	return marks;
}

#define GOES(route, first, second, marks) do { \
		const char *why_; \
		assert_string_equal(chosen(route, first, second, &why_), marks); \
		assert_null(why_); \
	} while (0)

#define REFUSED(route, first, second, part) do { \
		const char *why_; \
		chosen(route, first, second, &why_); \
		assert_non_null(why_); \
		assert_non_null(strstr(why_, part)); \
	} while (0)

static void without_a_filter_everybody_gets_it(void **state)
{
	struct route r = route_of((struct filter_rules[3]){ { 0 } }, 3, false);

	(void)state;
	GOES(&r, "a", "b", "+++");
	filters_free(r.filters);
}

static void an_expression_is_sought_in_what_stands_for_the_item(void **state)
{
	struct filter_rules rules[] = { { .match = "^crit" }, { .match = "a b$" }, { 0 } };
	struct route r = route_of(rules, 3, false);

	(void)state;
	GOES(&r, "critical", "", "+-+");
	GOES(&r, "a", "b", "-++");
	GOES(&r, "crit a", "b", "+++");
	filters_free(r.filters);
}

static void a_topic_is_that_of_its_template(void **state)
{
	struct filter_rules rules[] = { { .topic = "billing.#" }, { .topic = "*.eu" } };
	struct route r = route_of(rules, 2, false);

	(void)state;
	GOES(&r, "x", "billing", "+-");
	GOES(&r, "x", "billing.eu", "++");
	REFUSED(&r, "billing", "mail", "no group wants it");
	filters_free(r.filters);
}

static void both_must_fit(void **state)
{
	struct filter_rules rules[] = { { .match = "paid", .topic = "eu" } };
	struct route r = route_of(rules, 1, false);

	(void)state;
	GOES(&r, "paid", "eu", "+");
	REFUSED(&r, "paid", "us", "no group wants it");
	REFUSED(&r, "open", "eu", "no group wants it");
	filters_free(r.filters);
}

static void only_the_first_that_fits_gets_it(void **state)
{
	struct filter_rules rules[] = { { .match = "a" }, { .match = "[ab]" }, { 0 } };
	struct route r = route_of(rules, 3, true);

	(void)state;
	GOES(&r, "a", "", "+--");
	GOES(&r, "b", "", "-+-");
	GOES(&r, "c", "", "--+");
	filters_free(r.filters);
}

/* What one section cannot tell nobody may answer for it: the others do not get it, either. */
static void what_takes_too_long_is_refused(void **state)
{
	struct filter_rules rules[] = { { 0 }, { .match = "^(a+)+$" }, { 0 } };
	struct route r = route_of(rules, 3, false);
	const char *why;
	char text[64];

	(void)state;
	memset(text, 'a', sizeof text);
	text[sizeof text - 2] = '!';
	text[sizeof text - 1] = '\0';
	assert_string_equal(chosen(&r, text, "", &why), "+--");
	assert_non_null(why);
	GOES(&r, "aa", "aa", "+-+");
	filters_free(r.filters);
}

static void what_is_no_expression_is_told(void **state)
{
	struct filter_rules rules[] = { { .match = "a" }, { .match = "a(" } };
	struct buf why = { 0 };

	(void)state;
	assert_null(filters_new(rules, 2, &why));
	assert_memory_equal(buf_str(&why), "--match, column 3: ", 19);
	assert_non_null(strstr(buf_str(&why), " in 'a('"));
	buf_free(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_filter_everybody_gets_it),
		cmocka_unit_test(an_expression_is_sought_in_what_stands_for_the_item),
		cmocka_unit_test(a_topic_is_that_of_its_template),
		cmocka_unit_test(both_must_fit),
		cmocka_unit_test(only_the_first_that_fits_gets_it),
		cmocka_unit_test(what_takes_too_long_is_refused),
		cmocka_unit_test(what_is_no_expression_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
