/* What is written to a persistent worker of an item, in each form. Any thread. */
#ifndef PQ_FEED_H
#define PQ_FEED_H

#include "action/run/answer.h"

struct buf;
struct delivery;
struct template;

struct feed_rules {
	enum answer_form form;
	const struct template *item; /* what {} stands for */
	const struct template *key;  /* of --key, or NULL; for json */
	const char *run_id;
};

/* Append it. NULL, or why this item cannot be: a constant; nothing is appended then. */
const char *feed_item(const struct feed_rules *r, const struct delivery *d, struct buf *to);
/* Append what json answers call it by: its "id". */
void feed_name(const struct feed_rules *r, const struct delivery *d, struct buf *to);

#endif
