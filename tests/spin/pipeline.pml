/* A model of pq's desk, queue, workers, collector and shutdown, for Spin.
 *
 * What is in it stands for these places of the source, by the same names:
 *   Desk       reader.c: reader_run and all that it calls; births, room_for,
 *              what_to_wait_for, sleep_on, is_worth_it, ring, the in-tray
 *   queue_*    queue.c: push, push_first, pop, staff, close, take, shortage
 *   Worker     worker.c: worker_run; pipeline.c: on_ended, finish, on_home
 *   crew_*     crew.c: crew_fill with add_worker and vacate, crew_want, crew_home
 *   Collector  collector.c: collector_run, write_delivery, flush; collector_put,
 *              may_lend, write_lent and next_turn run in whoever hands on
 *   Main       supervisor.c: supervisor_run; pipeline.c: stop_births, dismantle
 *
 * A section under a lock is one atomic step, for every lock is a leaf. A wait on a
 * condition has no limit here, where the source looks again after a second: a
 * wake-up that is lost is a deadlock, and Spin finds it. Whoever is woken runs later,
 * and is no longer among those that a signal could wake. Nobody wakes by himself.
 *
 * Left out: parts of live deliveries (the floor, room, retract), bytes printed and the
 * spool, notes, several sources, what weighs on the statistics.
 *
 * What must hold, in all orders in which threads can run: no deadlock; every item that
 * was born is settled once, and its bytes are out before, once, in order where that is
 * asked for; nothing more is alive than the bound allows, but for one that is heavy;
 * whoever keeps the log is alone; after a stop nothing is begun; at the end nobody
 * waits, nothing is alive, queued, parked or in the tray. That it always ends follows
 * where there is no cycle at all: pan -l, for no state counts as progress.
 *
 * A run is one configuration, taken from the environment; `bug` seeds one of the
 * errors listed in tests/spin.bats. */

c_decl {
	static int setting(const char *name, int otherwise)
	{
		const char *value = getenv(name);
		return value ? atoi(value) : otherwise;
	}
}

#define MOST    8  /* items */
#define WORKERS 2
#define NEVER   99
#define ONE(i)  (1 << (i))

/* --- the configuration --------------------------------------------------- */

byte items, bound, attempts, bug;
byte fails;    /* a set of items: their attempts may fail */
byte refused;  /* a set of items: no worker may have them */
byte heavy;    /* an item that weighs 3; 0: none. The others weigh 1, and have room for 2 */
bool ordered, strict;
bool short_runs;  /* results may be written by who made them */
bool slow;     /* the source has something now and then */
bool meet;     /* a job with an odd number waits until the next one has begun */
bool may_stop; /* somebody may send a signal, at any time */
bool halts;    /* an item that failed for good is the end */
bool sink;     /* a write may fail */
bool file;     /* whoever writes finds 2 workers in the --jobs file */
byte changes;  /* so many times another number of workers is wanted, 1 or 2 */

/* --- what is shared ------------------------------------------------------ */

/* queue.c */
chan queue = [MOST] of { byte };
#define RUNS 0
#define WAITS 1
#define WOKEN 2
byte at_queue[WORKERS];
byte waiting, coming, staff;
bool closed;

/* crew.c; a worker's thread is idle (none), started, or ended */
byte wanted;
short working;
bool placed[WORKERS], started[WORKERS], home[WORKERS], ended[WORKERS];

/* reader.c: the in-tray */
byte dead, retry;    /* sets of items */
short deaths, tray_parked;
bool tray_stop, asleep, look_again;
short worth_deaths, worth_room;
byte pipe;           /* bytes in it */

/* collector.c */
chan ready = [MOST] of { byte };
chan out = [MOST] of { byte };
byte parked_set, turn = 1;
bool idle, woken, ending, lent, lost, broken, collector_ended;

/* pipeline.c */
bool stopping, over, halted;

/* A source that is slow has handed over so many; one more is its end. */
byte available;

/* Of the items */
byte tried[MOST];
byte released;       /* a set: ended by pq itself, nothing to write */

/* Not in the source: what is asserted about. */
byte born, written, settled, last_out; /* sets, but for the last */
byte in_work;        /* born, and not yet the collector's */
bool dismissed;      /* nobody is to begin anything */
bool logging;        /* somebody is in views_written */
byte retrying;
short at_last;       /* parked, as the desk saw it */

/* --- queue.c ------------------------------------------------------------- */

/* In a lock's section: wake one that waits, any of them. */
inline wake_one() {
	if
	:: at_queue[0] == WAITS -> at_queue[0] = WOKEN
	:: at_queue[1] == WAITS -> at_queue[1] = WOKEN
	:: else
	fi
}

inline wake_all() {
	if
	:: at_queue[0] == WAITS -> at_queue[0] = WOKEN
	:: else
	fi;
	if
	:: at_queue[1] == WAITS -> at_queue[1] = WOKEN
	:: else
	fi
}

inline queue_push(d) {
	atomic {
		queue!d;
		if
		:: bug == 1 && waiting > 0 && len(queue) > 1 /* only when it was empty */
		:: bug == 2 && waiting == 0 -> wake_one()
		:: bug == 2 && waiting > 0
		:: else ->
			if
			:: waiting > 0 -> wake_one()
			:: else
			fi
		fi
	}
}

inline queue_push_first(d) {
	atomic {
		n = len(queue);
		queue!d;
		do
		:: n > 0 -> queue?other; queue!other; n--
		:: else -> break
		od;
		other = 0;
		if
		:: waiting > 0 -> wake_one()
		:: else
		fi
	}
}

inline queue_pop(w, d) {
	atomic {
		do
		:: w < staff && len(queue) == 0 && !closed ->
			waiting++;
			at_queue[w] = WAITS;
			at_queue[w] == WOKEN; /* gives the lock, and takes it again */
			at_queue[w] = RUNS;
			waiting--
		:: else -> break
		od;
		if
		:: w < staff && len(queue) > 0 ->
			assert(!dismissed);
			queue?d
		:: else ->
			d = 0;
			if
			:: len(queue) > 0 && waiting > 0 && bug != 12 -> wake_one()
			:: else
			fi
		fi
	}
}

inline queue_staff(workers) {
	atomic {
		if
		:: dismissed && bug != 13
		:: else ->
			staff = workers;
			dismissed = dismissed || workers == 0
		fi;
		if
		:: bug == 12 -> wake_one()
		:: else -> wake_all()
		fi
	}
}

/* --- reader.c, called by others ------------------------------------------ */

#define is_worth_it (deaths >= worth_deaths || deaths + tray_parked >= worth_room)

inline ring() {
	if
	:: asleep -> asleep = false; pipe++
	:: else
	fi
}

inline reader_settle(set, count) {
	atomic {
		assert((dead & (set)) == 0);
		dead = dead | (set);
		deaths = deaths + count;
		if
		:: is_worth_it -> ring()
		:: else
		fi
	}
}

inline reader_retry(d) {
	atomic {
		retry = retry | ONE(d);
		retrying++;
		if
		:: bug == 4
		:: else -> ring()
		fi
	}
}

inline reader_parked(more) {
	atomic {
		tray_parked = tray_parked + more;
		if
		:: bug == 15 && more > 0 -> tray_parked = tray_parked + more
		:: else
		fi;
		if
		:: is_worth_it -> ring()
		:: else
		fi
	}
}

inline reader_stop() {
	atomic { tray_stop = true; ring() }
}

inline reader_wake() {
	atomic { look_again = (bug != 11); ring() }
}

/* --- crew.c -------------------------------------------------------------- */

inline crew_want(workers) {
	queue_staff(workers)
}

#define shortage (bug == 3 -> len(queue) > working : len(queue) > waiting + coming)

/* By the desk alone. */
inline crew_fill() {
	do
	:: atomic {
		working < staff && shortage ->
		slot = 0;
		do
		:: slot < staff && placed[slot] && home[slot] ->
			ended[slot]; /* worker_join */
			placed[slot] = false;
			home[slot] = false;
			ended[slot] = false
		:: slot < staff && placed[slot] && !home[slot] -> slot++
		:: else -> break
		od;
		if
		:: slot >= staff -> slot = 0; break
		:: else
		fi;
		coming++;
		working++;
		placed[slot] = true;
		started[slot] = true;
		slot = 0
	   }
	:: else -> break
	od
}

/* --- pipeline.c ---------------------------------------------------------- */

inline stop_births() {
	atomic { stopping = true; crew_want(0) };
	reader_stop()
}

inline want_workers(workers) {
	crew_want(workers);
	reader_wake()
}

/* on_written. What it is called for has been taken off `out` and is in the set. */
inline tell_written(set, count, told_lost) {
	atomic {
		assert(!logging);
		logging = true;
		assert(told_lost || ((set) & ~(written | released)) == 0);
		assert(!told_lost || ((set) & written) == 0)
	};
	logging = false;
	if
	:: file && !stopping && staff != 2 -> want_workers(2)
	:: else
	fi;
	reader_settle(set, count)
}

/* --- collector.c, in whoever hands on ------------------------------------ */

#define has_turn(d) (!ordered || (d) == turn)
#define may_lend ((idle || bug == 19) && !lent && len(ready) == 0 && !ending)

/* One item's bytes. */
inline note_written(d) {
	if
	:: released & ONE(d)
	:: else ->
		assert(!(written & ONE(d)));
		assert(!(settled & ONE(d)) && !(dead & ONE(d)));
		assert(!ordered || d > last_out);
		written = written | ONE(d);
		last_out = d
	fi
}

/* In the lock's section; `more` is how many are no longer parked. */
inline next_turn(more) {
	turn++;
	more = 0;
	if
	:: parked_set & ONE(turn) ->
		parked_set = parked_set & ~ONE(turn);
		ready!turn;
		more = 1
	:: else
	fi
}

inline signal_collector() {
	if
	:: idle -> woken = true
	:: else
	fi
}

#define tells_unparked (more > 0 && bug != 16)

inline lent_turn() {
	atomic {
		more = 0;
		if
		:: ordered -> next_turn(more)
		:: else
		fi
	};
	if
	:: tells_unparked -> reader_parked(-1)
	:: else
	fi;
	more = 0
}

inline lent_back() {
	atomic {
		lent = false;
		if
		:: (len(ready) > 0 || ending) && bug != 20 -> signal_collector()
		:: else
		fi
	}
}

inline write_lent(d) {
	atomic {
		failing = false;
		if
		:: released & ONE(d) || broken
		:: !(released & ONE(d)) && !broken && sink ->
			failing = true;
			broken = true;
			lost = true
		:: !(released & ONE(d)) && !broken -> note_written(d)
		fi
	};
	if
	:: failing -> failing = false; stop_births()
	:: else
	fi;
	if
	:: bug == 21 ->
		lent_turn();
		lent_back();
		tell_written(ONE(d), 1, lost)
	:: else ->
		lent_turn();
		tell_written(ONE(d), 1, lost);
		lent_back()
	fi
}

/* What it uses is the caller's own. */
inline collector_put(d) {
	atomic {
		in_work--;
		late = false;
		borrow = false;
		if
		:: short_runs && !(refused & ONE(d)) && has_turn(d) && may_lend ->
			borrow = true;
			lent = true
		:: else ->
			if
			:: has_turn(d) ->
				ready!d;
				signal_collector()
			:: bug == 17 && (released & ONE(d)) /* no turn for what never ran */
			:: else ->
				parked_set = parked_set | ONE(d);
				late = true
			fi
		fi
	};
	if
	:: borrow -> borrow = false; write_lent(d)
	:: late -> late = false; reader_parked(1)
	:: else
	fi
}

/* --- the threads --------------------------------------------------------- */

proctype Worker(byte w) {
	byte d, more;
	bool late, borrow, failing, good;

	do
	:: atomic { started[w] -> started[w] = false; coming-- /* queue_arrived */ };
		queue_pop(w, d);
		do
		:: d == 0 -> break
		:: else ->
			atomic {
				tried[d]++;
				if
				:: meet && d % 2 && d < items -> tried[d + 1] > 0
				:: else
				fi;
				good = true;
				if
				:: true
				:: fails & ONE(d) -> good = false
				:: stopping && may_stop -> released = released | ONE(d)
				fi;
				if
				:: !good && tried[d] < attempts -> reader_retry(d); d = 0
				:: bug == 8 && !good && tried[d] >= attempts -> reader_settle(ONE(d), 1)
				:: else
				fi
			};
			if
			:: d != 0 && !good && halts && !halted -> halted = true; stop_births()
			:: else
			fi;
			good = false;
			if
			:: d != 0 -> collector_put(d)
			:: else
			fi;
			queue_pop(w, d)
		od;
		working--; /* crew_home */
		home[w] = true;
		atomic { reader_wake(); ended[w] = true }
	:: collector_ended && !started[w] -> break
	od
}

proctype Collector() {
	byte d, set, count, more;
	bool failing;

	do
	:: atomic {
		/* With the lock, up to the next time it is given. */
		if
		:: !lent && len(ready) > 0 ->
			ready?d;
			more = 0;
			if
			:: ordered && !(bug == 18 && (refused & ONE(d))) -> next_turn(more)
			:: else
			fi;
			out!d
		:: else
		fi
	   };
		if
		:: d != 0 ->
			if
			:: bug == 22 -> reader_settle(ONE(d), 1) /* and written later */
			:: else
			fi;
			d = 0;
			if
			:: tells_unparked -> reader_parked(-1)
			:: else
			fi;
			more = 0
		:: d == 0 && len(out) > 0 -> /* flush */
			atomic {
				if
				:: broken
				:: !broken && sink -> failing = true; broken = true; lost = true
				:: !broken
				fi;
				do
				:: len(out) > 0 ->
					out?d;
					if
					:: !broken -> note_written(d)
					:: else
					fi;
					set = set | ONE(d);
					count++
				:: else -> break
				od;
				d = 0
			};
			if
			:: failing -> failing = false; stop_births()
			:: else
			fi;
			if
			:: bug == 22
			:: else -> tell_written(set, count, lost)
			fi;
			atomic { set = 0; count = 0 }
		:: else ->
			atomic {
				if
				:: !lent && len(ready) > 0
				:: ending && !lent -> collector_ended = true; break
				:: else ->
					idle = true;
					woken;
					woken = false;
					idle = false
				fi
			}
		fi
	od
}

proctype Source() {
	do
	:: available <= items -> available++
	:: else -> break
	od
}

#define weight(d) ((d) == heavy -> 3 : 1)
#define counted (alive - (strict -> 0 : parked))
#define room_for(w) ((alive == 0 && bug != 14) || (counted < bound && bytes + (w) <= (heavy -> 2 : NEVER)))

proctype Desk() {
	byte next = 1, held, alive, bytes, d, n, other, slot, more, todo, again;
	short parked;
	bool open = true, ends, stops, lacking, dry, late, borrow, failing, busy;

	do
	:: /* empty_tray; then on_look */
		atomic {
			parked = parked + tray_parked;
			tray_parked = 0;
			d = 1;
			do
			:: d <= items ->
				if
				:: dead & ONE(d) -> /* bury */
					assert(alive > 0);
					assert(!(settled & ONE(d)));
					assert(((written | released) & ONE(d)) || broken);
					settled = settled | ONE(d);
					alive--;
					bytes = bytes - weight(d)
				:: else
				fi;
				d++
			:: else -> break
			od;
			dead = 0;
			deaths = 0;
			again = retry;
			retry = 0;
			stops = tray_stop && !ends;
			tray_stop = false;
			look_again = false;
			d = 0
		};
		if
		:: stops -> /* on_stop: queue_take */
			atomic {
				stops = false;
				ends = true;
				do
				:: len(queue) > 0 -> queue?d; todo = todo | ONE(d)
				:: else -> break
				od
			}
		:: else
		fi;
		atomic {
			if
			:: ends && bug != 5 -> todo = todo | again; again = 0; retrying = 0
			:: else
			fi;
			released = released | todo;
			d = 1
		};
		do
		:: todo != 0 ->
			atomic {
				do
				:: todo & ONE(d) -> break
				:: else -> d++
				od;
				todo = todo & ~ONE(d)
			};
			collector_put(d)
		:: todo == 0 && again != 0 ->
			atomic {
				do
				:: again & ONE(d) -> break
				:: else -> d++
				od;
				again = again & ~ONE(d);
				queue_push_first(d);
				retrying--
			};
			crew_fill()
		:: todo == 0 && again == 0 -> d = 0; break
		od;
		crew_fill(); /* on_look */

		/* births */
		atomic { lacking = false; dry = false };
		do
		:: ends -> break
		:: !ends -> atomic {
			if
			:: held == 0 && !room_for(0) -> lacking = open; break
			:: held == 0 && room_for(0) && !open -> break
			:: held == 0 && room_for(0) && open && slow && available < next ->
				dry = true;
				break
			:: held == 0 && room_for(0) && open && (!slow || available >= next) ->
				if
				:: next > items -> open = false; break
				:: else -> held = next; next++
				fi
			:: else
			fi;
			if
			:: !room_for(weight(held)) -> lacking = true; break
			:: else
			fi;
			d = held;
			held = 0;
			alive++;
			in_work++;
			bytes = bytes + weight(d);
			born = born | ONE(d);
			assert(in_work <= bound);
			assert(!strict || alive <= bound);
			assert(!heavy || bytes <= 2 || alive == 1);
			if
			:: refused & ONE(d)
			:: else -> queue_push(d); d = 0
			fi };
			if
			:: d != 0 -> collector_put(d); d = 0
			:: else -> crew_fill()
			fi
		od;
		if
		:: bug == 6 && !open && held == 0 && len(queue) == 0 -> break
		:: bug == 7 && !open && held == 0 && alive == retrying -> break
		:: alive == 0 && (ends || (!open && held == 0)) -> break
		:: else
		fi;

		/* sleep_on */
		if
		:: bug == 9 -> busy = retry || (tray_stop && !ends) || is_worth_it
		:: else
		fi;
		atomic {
			worth_deaths = NEVER;
			worth_room = NEVER;
			n = (bound > staff + 1 -> (bound - staff) / 2 : 1);
			if
			:: (!open && held == 0) || ends -> worth_deaths = alive
			:: else ->
				if
				:: !lacking
				:: lacking && counted < bound -> worth_deaths = 1
				:: lacking && counted >= bound && strict -> worth_deaths = n
				:: lacking && counted >= bound && !strict -> worth_room = n
				fi
			fi;
			n = 0;
			if
			:: bug == 9
			:: bug == 10 -> busy = (tray_stop && !ends) || is_worth_it
			:: else -> busy = retry || (tray_stop && !ends) || look_again || is_worth_it
			fi;
			asleep = !busy
		};
		if
		:: busy -> busy = false
		:: else ->
			(pipe > 0 || (dry && !lacking && !ends && available >= next));
			atomic {
				asleep = false;
				pipe = 0
			}
		fi
	od;
	assert(bytes == 0 && alive == 0);
	atomic { at_last = parked; over = true }
}

proctype Main() {
	byte w;
	bool signalled;

	do
	:: over -> break
	:: !over && may_stop && !signalled -> signalled = true; stop_births()
	:: !over && changes > 0 ->
		changes--;
		if
		:: stopping || staff == 0
		:: !stopping && staff == 1 -> want_workers(2)
		:: !stopping && staff == 2 -> want_workers(1)
		fi
	od;

	/* dismantle */
	atomic { closed = true; wake_all() };
	do
	:: w < WORKERS ->
		!placed[w] || ended[w];
		w++
	:: else -> break
	od;
	atomic { ending = true; signal_collector() };
	collector_ended;

	assert(len(queue) == 0 && len(ready) == 0 && len(out) == 0 && parked_set == 0);
	assert(waiting == 0 && coming == 0 && working == 0 && in_work == 0);
	assert(dead == 0 && retry == 0 && !lent && at_last + tray_parked == 0);
	assert(settled == born);
	assert(((written | released) == born) || broken);
	assert(stopping || born == ONE(items + 1) - 2);
	assert(stopping || !released)
}

init {
	atomic {
		c_code {
			now.items = setting("items", 3);
			now.bound = setting("bound", 2);
			now.attempts = setting("attempts", 1);
			now.bug = setting("bug", 0);
			now.fails = setting("fails", 0);
			now.refused = setting("refused", 0);
			now.heavy = setting("heavy", 0);
			now.ordered = setting("ordered", 0);
			now.strict = setting("strict", 0);
			now.short_runs = setting("short_runs", 0);
			now.slow = setting("slow", 0);
			now.meet = setting("meet", 0);
			now.may_stop = setting("may_stop", 0);
			now.halts = setting("halts", 0);
			now.sink = setting("sink", 0);
			now.file = setting("file", 0);
			now.changes = setting("changes", 0);
			now.staff = setting("jobs", 2);
		};
		run Desk();
		run Worker(0);
		run Worker(1);
		run Collector();
		run Main();
		if
		:: slow -> run Source()
		:: else
		fi
	}
}
