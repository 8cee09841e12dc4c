/* Topics: words between dots, and the patterns of message brokers (AMQP) for them. Pure.
 *
 * In a pattern `*` stands for one word, whatever it is, and `#` for any number of them,
 * none among them; another word stands for itself. An empty key has no words at all; two
 * dots side by side have an empty word between them. */
#ifndef PQ_TOPIC_H
#define PQ_TOPIC_H

#include <stdbool.h>
#include <stddef.h>

/* What is wrong with the pattern, a constant that goes on "'bill*' ..."; NULL: nothing. */
const char *topic_flaw(const char *pattern);
/* Does the key fit the pattern, a string without a flaw? At worst every word of one is
 * compared with every word of the other. */
bool topic_fits(const char *pattern, const char *key, size_t len);

#endif
