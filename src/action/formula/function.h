/* The functions of a formula: what each of them takes. For this room alone. */
#ifndef PQ_FORMULA_FUNCTION_H
#define PQ_FORMULA_FUNCTION_H

#include "action/formula/parts.h"

struct function {
	const char *name;
	unsigned char least, most; /* arguments; MANY: as many as there are */
	bool topic;                /* without one it is about $_ */
	bool unary;                /* without brackets it takes one operand, not a list */
	unsigned asks;
	struct scalar (*value)(struct work *w, const struct node *n);
	void (*values)(struct work *w, const struct node *n, struct list *to);
};
enum { FUNCTION_MANY = 255 };

/* Of text.c and list.c; they end with one without a name. */
extern const struct function function_texts[], function_lists[], function_others[];

/* The nth argument, from 0; NULL: there is none. */
static inline const struct node *function_argument(const struct node *n, unsigned nth)
{
	const struct node *a = n->a;

	while (a && nth--)
		a = a->next;
	return a;
}

/* substr is what can be assigned to. */
void text_set_part(struct work *w, const struct node *n, struct scalar s);
struct scalar node_part(struct work *w, const struct node *n);
/* chomp and chop: of a place. */
struct scalar node_chomp(struct work *w, const struct node *n);
struct scalar node_chop(struct work *w, const struct node *n);
/* list.c: number and count are the places of $a and $b. */
struct scalar node_map_count(struct work *w, const struct node *n);
void node_map(struct work *w, const struct node *n, struct list *to);
void node_grep(struct work *w, const struct node *n, struct list *to);
struct scalar node_sort_none(struct work *w, const struct node *n);
void node_sort(struct work *w, const struct node *n, struct list *to);

#endif
