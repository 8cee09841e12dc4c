/* Claims on files: who changes one has it alone.
 *
 * A file is known by its device and inode, so two names of one file are one. Any
 * thread; one small lock, and nothing is called while it is held. */
#ifndef PQ_CLAIM_H
#define PQ_CLAIM_H

struct stat;

/* A link in the list of those that hold; the caller's, zeroed. */
struct claim {
	unsigned long long device, inode;
	struct claim *next;
};

/* Wait until nobody else in this process has the file, then have it. */
void claim_take(struct claim *c, const struct stat *st);
void claim_give(struct claim *c);

#endif
