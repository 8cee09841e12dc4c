/* What an engine is to broker.c: the functions behind broker.h, which says what each does.
 * Room: broker/ only. An engine's own struct begins with a struct broker. */
#ifndef PQ_BROKER_ENGINE_H
#define PQ_BROKER_ENGINE_H

#include <stdarg.h>

#include "broker/broker.h"

struct engine {
	const char *name;
	/* NULL when its library is there; else why not, and what to do. */
	const char *(*load)(void);
	struct broker *(*open)(const struct broker_rules *rules, enum broker_state *state,
		struct buf *why, struct buf *notes);
	void (*close)(struct broker *b);
	enum broker_state (*put)(struct broker *b, struct put *items, size_t count);
	enum broker_state (*exchange)(struct broker *b, struct exchange *x);
	int (*bell)(struct broker *b);                    /* NULL: -1 */
	enum broker_state (*hear)(struct broker *b);      /* NULL: nothing to hear */
	void (*rest)(struct broker *b);                   /* NULL: nothing to tidy up */
	enum broker_state (*stats)(struct broker *b, struct broker_stats *s);
	enum broker_state (*bindings)(struct broker *b, struct bindings *all);
	enum broker_state (*admin)(struct broker *b, struct broker_order *order);
	enum broker_state (*peek)(struct broker *b, uint64_t count,
		void (*show)(void *ctx, const struct broker_view *item), void *ctx);
};

struct broker {
	const struct engine *engine;
	struct broker_rules rules;
	struct buf why;    /* of the last call that was not OK; broker.c frees it */
	char id[17];       /* 16 hexadecimal digits */
	bool expires;
	bool late;         /* the last call that was GONE took longer than it may */
};

extern const struct engine engine_sqlite, engine_redis, engine_postgresql;

/* For engines: HOST:PID of this process, as holders are called; a view. */
const char *engine_holder(void);
/* The reason is this, behind what the queue is called; and the state comes back. */
enum broker_state engine_refuse(struct broker *b, const char *shown, enum broker_state state,
	const char *format, va_list ap) __attribute__((format(printf, 4, 0)));
/* Room for one more in x->claimed, with its body and its topic (NULL: none) added. */
void engine_claimed(struct exchange *x, const struct claimed *item, const char *body,
	const char *topic);
/* One more binding; the text is copied. */
void engine_binding(struct bindings *all, const char *group, const char *pattern);
/* ms that a lost item waits before it is ready again: 1 s, doubled with each loss, 60 s at
 * most; 0 after the first. */
int64_t engine_back_off(unsigned lost);
/* How many of `want` ready ones are claimed, of which the one that was lost most often was
 * lost so often. */
size_t engine_company(size_t want, unsigned lost);

#endif
