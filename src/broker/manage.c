/* Looking after a queue: a row for each verb. See manage.h. */
#include "broker/manage.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/json_text.h"
#include "base/msg.h"
#include "base/parse.h"
#include "base/status.h"
#include "broker/broker.h"
#include "broker/look.h"
#include "policy/topic.h"

/* What is to be done. */
struct managing {
	const struct verb *verb;
	const struct address *queue;
	struct broker_order order;
	struct buf said;    /* what was done, and is to be printed yet */
	int status;         /* of printing it: STATUS_DONE, or what went wrong */
};

enum { AT_ONCE = 1 << 16 };

static void manage_print(struct managing *m)
{
	if (m->status == STATUS_DONE && !io_write(STDOUT_FILENO, m->said.data, m->said.len)) {
		m->status = errno == EPIPE ? LOOK_UNREAD : STATUS_OUTPUT;
		if (errno != EPIPE)
			msg_warn("stdout: %s", strerror(errno));
	}
	buf_clear(&m->said);
}

/* --- what is needed beside the verb ------------------------------------ */

static void take_number(struct managing *m, char *const *words)
{
	if (!parse_count(words[0], &m->order.count))
		msg_die(STATUS_USAGE, "--admin: '%s' is no number of items; try 10", words[0]);
}

static void take_binding(struct managing *m, char *const *words)
{
	const char *flaw = topic_flaw(words[0]);
	struct buf b = { 0 };

	if (flaw || !address_is_name(words[1]))
		msg_quote(&b, words[flaw ? 0 : 1], strlen(words[flaw ? 0 : 1]), 60);
	if (b.len)
		msg_die(STATUS_USAGE, "--admin: %s %s", buf_str(&b), flaw ? flaw
			: "is no name of a group: letters, digits, . _ and -, at most 100");
	if (m->queue->group)
		msg_die(STATUS_USAGE, "--admin: %s is the address of a group; groups are bound to a "
			"queue, leave out :%s", m->queue->shown, m->queue->group);
	m->order.pattern = words[0];
	m->order.group = words[1];
}

/* --- what is said ------------------------------------------------------ */

static void say_count(struct managing *m, const char *what)
{
	buf_addf(&m->said, "%" PRIu64 " item%s %s\n", m->order.changed,
		m->order.changed == 1 ? "" : "s", what);
}

static void say_requeued(struct managing *m)
{
	say_count(m, "requeued");
}

static void say_purged(struct managing *m)
{
	say_count(m, "purged");
}

static void say_dropped(struct managing *m)
{
	say_count(m, "dropped, and all that was known of the queue");
}

static void say_vacuumed(struct managing *m)
{
	buf_adds(&m->said, "vacuumed\n");
}

static void say_bound(struct managing *m)
{
	buf_addf(&m->said, "%s gets %s%s\n", m->order.group, m->order.pattern,
		m->order.changed ? "" : ", as before");
}

static void say_unbound(struct managing *m)
{
	buf_addf(&m->said, m->order.changed ? "%s does not get %s any more\n"
		: "%s did not get %s\n", m->order.group, m->order.pattern);
}

static void say_cap(struct managing *m)
{
	if (m->order.count)
		buf_addf(&m->said, "at most %" PRIu64 " item%s\n", m->order.count,
			m->order.count == 1 ? "" : "s");
	else
		buf_adds(&m->said, "any number of items\n");
}

/* --- items ------------------------------------------------------------- */

static void manage_text(struct buf *to, const char *name, const char *text)
{
	if (!text)
		return;
	buf_addc(to, ',');
	json_text_member(to, name, text, strlen(text));
}

static void manage_show(void *ctx, const struct broker_view *v)
{
	struct managing *m = ctx;
	struct buf *to = &m->said;

	buf_addf(to, "{\"id\":%" PRId64 ",\"state\":\"%s\",\"priority\":%" PRId64 ",\"claims\":%" PRIu64
		",\"attempts\":%u,\"lost\":%u,\"age\":%.3f", v->id, v->state, v->priority, v->claims,
		v->attempts, v->lost, (double)v->age / 1000);
	if (v->due)
		buf_addf(to, ",\"due\":%.3f", (double)v->due / 1000);
	manage_text(to, "holder", v->holder);
	manage_text(to, "outcome", v->outcome);
	manage_text(to, "topic", v->topic);
	buf_addc(to, ',');
	json_text_member(to, "body", v->body, v->len);
	buf_adds(to, "}\n");
	if (to->len >= AT_ONCE)
		manage_print(m);
}

/* --- verbs ------------------------------------------------------------- */

static const struct verb {
	const char *name, *needs; /* NULL: nothing */
	size_t words;
	void (*take)(struct managing *m, char *const *words);
	void (*say)(struct managing *m); /* NULL: items are shown, nothing is changed */
	enum broker_verb verb;
	bool makes;               /* what is not there yet is made */
} verbs[] = {
	{ "requeue-dead", NULL, 0, NULL, say_requeued, BROKER_REQUEUE_DEAD, false },
	{ "purge-dead", NULL, 0, NULL, say_purged, BROKER_PURGE_DEAD, false },
	{ "drop", NULL, 0, NULL, say_dropped, BROKER_DROP, false },
	{ "vacuum", NULL, 0, NULL, say_vacuumed, BROKER_VACUUM, false },
	{ "bind", "PATTERN GROUP", 2, take_binding, say_bound, BROKER_BIND, true },
	{ "unbind", "PATTERN GROUP", 2, take_binding, say_unbound, BROKER_UNBIND, false },
	{ "cap", "N", 1, take_number, say_cap, BROKER_CAP, true },
	{ "peek", "N", 1, take_number, NULL, 0, false },
};

enum { VERBS = sizeof verbs / sizeof *verbs };

static void manage_list(struct buf *to)
{
	for (size_t i = 0; i < VERBS; i++)
		buf_addf(to, "%s%s%s%s", i ? ", " : "", verbs[i].name, verbs[i].needs ? " " : "",
			verbs[i].needs ? verbs[i].needs : "");
}

static const struct verb *manage_find(const char *word)
{
	struct buf all = { 0 }, shown = { 0 };

	for (size_t i = 0; word && i < VERBS; i++)
		if (strcmp(verbs[i].name, word) == 0)
			return &verbs[i];
	manage_list(&all);
	if (!word)
		msg_die(STATUS_USAGE, "--admin needs a verb behind the address: %s", buf_str(&all));
	msg_quote(&shown, word, strlen(word), 60);
	msg_die(STATUS_USAGE, "--admin: %s is nothing that can be done; there are %s",
		buf_str(&shown), buf_str(&all));
}

static void manage_take(struct managing *m, char *const *words, size_t count)
{
	const struct verb *v = manage_find(count ? words[0] : NULL);

	m->verb = v;
	m->order.verb = v->verb;
	if (count - 1 != v->words)
		msg_die(STATUS_USAGE, "--admin: %s needs %s behind it", v->name,
			v->needs ? v->needs : "nothing");
	if (v->take)
		v->take(m, words + 1);
}

static enum broker_state manage_do(struct managing *m, struct broker *b)
{
	enum broker_state state = m->verb->say ? broker_admin(b, &m->order)
		: broker_peek(b, m->order.count, manage_show, m);

	if (state != BROKER_OK)
		msg_warn("%s", broker_why(b));
	else if (m->verb->say)
		m->verb->say(m);
	return state;
}

int manage(const struct address *queue, char *const *words, size_t count)
{
	struct managing m = { .queue = queue };
	struct broker_rules rules = { .address = queue, .lease = 60000 };
	struct buf why = { 0 };
	enum broker_state state;
	struct broker *b;
	int status = STATUS_OUTPUT;

	manage_take(&m, words, count);
	rules.use = m.verb->makes ? BROKER_PRODUCES : BROKER_LOOKS;
	b = broker_open(&rules, &state, &why, NULL);
	if (!b) {
		msg_warn("%s", buf_str(&why));
	} else if (manage_do(&m, b) == BROKER_OK) {
		manage_print(&m);
		status = m.status;
	}
	if (b)
		broker_close(b);
	buf_free(&m.said);
	buf_free(&why);
	return status;
}
