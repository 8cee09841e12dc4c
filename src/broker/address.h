/* The address of a durable queue: which engine, where, and which queue there.
 *
 *   sqlite:FILE[#QUEUE[:GROUP]]
 *   redis://[USER[:PASSWORD]@]HOST[:PORT][/DB][#...]   rediss://   redis+unix:///PATH[#...]
 *   postgresql://...[#...]   postgres://...          all but the fragment is libpq's
 *   #QUEUE[:GROUP]                                   behind what $PQ_QUEUE holds
 *
 * The queue is "default" where none is named. Its name and that of a group are of letters,
 * digits and ._- and of at most 100 bytes. What looks like a scheme that pq does not know
 * is no file: it is refused.
 *
 * Main thread, before anything is started. */
#ifndef PQ_BROKER_ADDRESS_H
#define PQ_BROKER_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

enum address_engine { ADDRESS_SQLITE, ADDRESS_REDIS, ADDRESS_POSTGRESQL };

struct address {
	enum address_engine engine;
	char *target; /* owned: a path for SQLite, else the address without the fragment; with
	               * its password, so never shown */
	char *queue;  /* owned */
	char *group;  /* owned: of consumers; NULL: none */
	char *shown;  /* owned: what messages call it: no password, and with the queue */
};

/* Is it that of a queue, and not of a file? Also of one that is wrong, or not known. */
bool address_is_queue(const char *text);
/* False: why says what is wrong with it, in one line without the address's password. */
bool address_read(struct address *a, const char *text, struct buf *why);
/* That of a group of this queue. */
void address_of_group(struct address *a, const struct address *queue, const char *group);
void address_free(struct address *a);
/* May a queue or a group be called so? */
bool address_is_name(const char *name);
/* Is there a password in it? */
bool address_has_secret(const char *text);
/* Write * over each byte of it, where it stands: as in argv, which others can see. */
void address_hide(char *text);

#endif
