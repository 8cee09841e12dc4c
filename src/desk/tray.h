/* The in-tray of the desk: what the other threads have brought, and the bell that wakes
 * the desk when it sleeps.
 *
 * A monitor; its lock is a leaf. Any thread brings; the reader's thread alone takes,
 * sleeps and wakes. To be woken for every death would cost a thousand sleeps where one
 * will do, so the desk says first what it is worth waking up for. */
#ifndef PQ_TRAY_H
#define PQ_TRAY_H

#include <stdbool.h>
#include <stdint.h>

struct delivery;
struct tray;

/* What has come in: the taker's. */
struct brought {
	struct delivery *dead; /* a list */
	uint64_t deaths;
	bool stop;          /* no more births are wanted */
	bool look;          /* something has changed elsewhere */
};

/* Worth waking up for are so many deaths, or room for so many items: a parked one makes
 * room, and takes it again when its turn has come; `parked` of them have been reckoned
 * with. TRAY_NEVER: neither. All else that is brought always is. */
#define TRAY_NEVER INT64_MAX
struct worth {
	uint64_t deaths;
	int64_t room;
	int64_t parked;
};

struct tray *tray_new(void); /* dies with 125 where the system has no pipe for it */
void tray_free(struct tray *t);

void tray_dead(struct tray *t, struct delivery *list); /* settled and written */
void tray_parked(struct tray *t, long more); /* or, below 0, fewer */
void tray_stop(struct tray *t);
void tray_look(struct tray *t);

struct brought tray_take(struct tray *t);
/* May the desk sleep? If so the bell, to be polled, is readable once something is brought
 * that is worth it; tray_rise afterwards, whatever it was that woke the desk up. */
bool tray_doze(struct tray *t, struct worth worth);
int tray_bell(const struct tray *t);
void tray_rise(struct tray *t, bool rung);

#endif
