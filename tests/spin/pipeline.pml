/* A model of pq's desk, queue, workers, collector and shutdown, for Spin.
 *
 * What is in it stands for these places of the source, by the same names:
 *   Desk       reader.c: reader_run and all that it calls; births, room_for,
 *              what_to_wait_for, sleep_on, is_worth_it, ring, the in-tray
 *   queue_*    queue.c: push, push_first, pop, staff, close, take, shortage
 *   Worker     worker.c: worker_run; life.c: life_ended, life_leave; pipeline.c: on_home;
 *              running.c: running_expect, running_born, running_forget
 *   crew_*     crew.c: crew_fill with add_worker and vacate, crew_want, crew_home
 *   Collector  collector.c: collector_run, write_delivery, flush; collector_put,
 *              collector_part, _retract and _skip, may_lend, write_lent and next_turn run
 *              in whoever hands on
 *   Main       supervisor.c: supervisor_run; pipeline.c: stop_births, dismantle;
 *              running.c: running_pause, running_resume
 *
 * A section under a lock is one atomic step, for every lock is a leaf. A wait on a
 * condition has no limit here, where the source looks again after a second: a
 * wake-up that is lost is a deadlock, and Spin finds it. Whoever is woken runs later,
 * and is no longer among those that a signal could wake. Nobody wakes by himself.
 *
 * Left out: the floor and room, how many bytes are printed and the spool, notes, several
 * sources, schedules, the journal, what weighs on the statistics. An item stands for each of
 * its deliveries: that several are born together, each for a queue of its own, is left out,
 * too, but not that others may start before those that all wait for (shares).
 *
 * What must hold, in all orders in which threads can run: no deadlock; every item that
 * was born is settled once, and its bytes are out before, once, in order where that is
 * asked for; nothing more is alive than the bound allows, but for one that is heavy, or
 * was refused for want of room; the collector touches no delivery that others have; while
 * pq is stopped by Ctrl-Z no job runs, and afterwards none stands;
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
bool lines;    /* an attempt hands over a part of what it prints before it ends */
byte overflow; /* 1: drop-old; 2: reject */
byte pauses;   /* Ctrl-Z and fg so many times */
bool shares;   /* any that waits may start next, as where sections share workers by weight */
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
byte dead;           /* a set of items */
short deaths, tray_parked;
bool tray_stop, asleep, look_again;
short worth_deaths, worth_room;
byte pipe;           /* bytes in it */

/* collector.c */
chan ready = [MOST] of { byte };
chan out = [MOST] of { byte };
byte parked_set, turn = 1;
byte parked_live;    /* a set: before their turn, and not ended */
byte listed;         /* a set: on one of these */
byte final;          /* a set: they have ended */
byte part;           /* a set: with bytes that were handed over */
byte skipped;        /* a set: numbers whose turn never comes */
bool leaving;        /* somebody waits in collector_retract */
bool idle, woken, ending, lent, lost, broken, collector_ended;

/* pipeline.c */
bool stopping, over, halted;

/* running.c */
#define NONE  0
#define RUNS_ 1
#define STOPS 2
byte job[WORKERS];   /* what the process does */
bool entry[WORKERS]; /* it is in the table */
byte unborn;
bool paused;

/* A source that is slow has handed over so many; one more is its end. */
byte available;

/* Of the items */
byte tried[MOST];
byte released;       /* a set: ended by pq itself, nothing to write */
byte dropped;        /* a set: to make room for others */
byte outside;        /* a set: refused, beyond the bound */

/* Not in the source: what is asserted about. */
byte born, written, settled, last_out; /* sets, but for the last */
byte in_work;        /* born, and not yet the collector's */
bool dismissed;      /* nobody is to begin anything */
bool logging;        /* somebody is in views_written */
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

/* Unless all have been sent home for good. */
inline queue_push_first(d, pushed) {
	atomic {
		assert(!(listed & ONE(d))); /* a link is for one list */
		pushed = !dismissed || bug == 5;
		n = len(queue);
		if
		:: pushed -> queue!d
		:: else -> n = 0
		fi;
		do
		:: n > 0 -> queue?other; queue!other; n--
		:: else -> break
		od;
		other = 0;
		if
		:: pushed && waiting > 0 -> wake_one()
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
			n = (shares -> len(queue) - 1 : 0);
			do
			:: n > 0 -> queue?other; queue!other; n--
			:: break
			od;
			n = 0;
			other = 0;
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

#define turns(d) (ordered && !(outside & ONE(d)))
#define has_turn(d) (!ordered || (d) == turn || (outside & ONE(d)))
#define may_lend ((idle || bug == 19) && !lent && len(ready) == 0 && !ending)

/* One item's bytes. */
inline note_written(d) {
	if
	:: released & ONE(d)
	:: else ->
		assert(!(written & ONE(d)));
		assert(!(settled & ONE(d)) && !(dead & ONE(d)));
		assert(!ordered || d > last_out || (outside & ONE(d)));
		assert(!(part & ONE(d)));
		written = written | ONE(d);
		if
		:: outside & ONE(d)
		:: else -> last_out = d
		fi
	fi
}

/* In the lock's section: whose turn is it? `more` is how many are no longer parked. */
inline turn_comes(more) {
	do
	:: skipped & ONE(turn) -> turn++
	:: else -> break
	od;
	more = 0;
	if
	:: (parked_set | parked_live) & ONE(turn) ->
		more = (parked_set & ONE(turn) -> 1 : 0);
		parked_set = parked_set & ~ONE(turn);
		parked_live = parked_live & ~ONE(turn);
		ready!turn
	:: else
	fi
}

inline next_turn(more) {
	turn++;
	turn_comes(more)
}

inline signal_collector() {
	if
	:: idle -> woken = true
	:: else
	fi
}

#define tells_unparked (more > 0 && bug != 16)

inline lent_turn(d) {
	atomic {
		more = 0;
		if
		:: turns(d) -> next_turn(more)
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
		lent_turn(d);
		lent_back();
		tell_written(ONE(d), 1, lost)
	:: else ->
		lent_turn(d);
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
		assert(!(final & ONE(d)));
		final = final | ONE(d);
		if
		:: short_runs && !(refused & ONE(d)) && !(listed & ONE(d)) && has_turn(d) && may_lend ->
			part = part & ~ONE(d);
			borrow = true;
			lent = true
		:: else ->
			if
			:: has_turn(d) && (listed & ONE(d)) /* with its last part */
			:: has_turn(d) && !(listed & ONE(d)) ->
				listed = listed | ONE(d);
				ready!d;
				signal_collector()
			:: !has_turn(d) && bug == 17 && (released & ONE(d)) /* none for what never ran */
			:: else ->
				parked_live = parked_live & ~ONE(d);
				listed = listed | ONE(d);
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

inline collector_part(d) {
	atomic {
		part = part | ONE(d);
		if
		:: listed & ONE(d)
		:: !(listed & ONE(d)) && has_turn(d) ->
			listed = listed | ONE(d);
			ready!d;
			signal_collector()
		:: else ->
			listed = listed | ONE(d);
			parked_live = parked_live | ONE(d)
		fi
	}
}

/* What it has handed over will be written; nobody looks at it here any more. */
inline collector_retract(d) {
	atomic {
		if
		:: parked_live & ONE(d) ->
			parked_live = parked_live & ~ONE(d);
			listed = listed & ~ONE(d)
		:: else
		fi;
		if
		:: bug == 23
		:: else -> !(listed & ONE(d)) /* left */
		fi
	}
}

inline collector_drop(d) {
	part = part & ~ONE(d)
}

inline collector_skip(d) {
	atomic {
		more = 0;
		if
		:: ordered && !(bug == 24 && (dropped & ONE(d))) && !(bug == 7 && (outside & ONE(d))) ->
			skipped = skipped | ONE(d);
			turn_comes(more);
			if
			:: len(ready) > 0 -> signal_collector()
			:: else
			fi
		:: else
		fi
	};
	if
	:: tells_unparked -> reader_parked(-1)
	:: else
	fi;
	more = 0
}

/* --- running.c ----------------------------------------------------------- */

inline start_job(w) {
	if
	:: pauses ->
		atomic { !paused || bug == 27 -> unborn++; job[w] = RUNS_ }; /* running_expect, clone */
		entry[w] = true; /* running_born, and the looks after it */
		if
		:: paused && bug != 28 -> job[w] = STOPS
		:: else
		fi;
		unborn--
	:: else
	fi
}

inline end_job(w) {
	if
	:: pauses -> atomic { job[w] == RUNS_ -> job[w] = NONE; entry[w] = false }
	:: else
	fi
}

inline signal_jobs(what) {
	atomic {
		w = 0;
		do
		:: w < WORKERS ->
			if
			:: entry[w] -> job[w] = what
			:: else
			fi;
			w++
		:: else -> break
		od;
		w = 0
	}
}

inline pause_and_resume() {
	paused = true;
	signal_jobs(STOPS);
	(unborn == 0 || bug == 29);
	/* Here the whole of pq stands, until SIGCONT. */
	atomic {
		assert(job[0] != RUNS_ && job[1] != RUNS_);
		paused = false
	};
	signal_jobs(RUNS_)
}

/* --- the threads --------------------------------------------------------- */

proctype Worker(byte w) {
	byte d, more, n, other;
	bool late, borrow, failing, good, pushed;

	do
	:: atomic { started[w] -> started[w] = false; coming-- /* queue_arrived */ };
		queue_pop(w, d);
		do
		:: d == 0 -> break
		:: else ->
			start_job(w);
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
				fi
			};
			if
			:: lines -> collector_part(d)
			:: else
			fi;
			end_job(w);
			if
			:: released & ONE(d) -> collector_drop(d)
			:: else
			fi;
			if
			:: !good && tried[d] < attempts -> /* life_retry */
				if
				:: lines -> collector_retract(d)
				:: else
				fi;
				queue_push_first(d, pushed);
				if
				:: pushed -> d = 0
				:: !pushed && bug == 4 -> d = 0
				:: else -> released = released | ONE(d); collector_drop(d)
				fi
			:: bug == 8 && !good && tried[d] >= attempts -> reader_settle(ONE(d), 1)
			:: else
			fi;
			if
			:: d != 0 && !good && halts && !halted -> halted = true; stop_births()
			:: else
			fi;
			good = false;
			pushed = false;
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
	byte d, set, count, more, attempt;
	bool failing;

	do
	:: atomic {
		/* With the lock, up to the next time it is given. */
		if
		:: !lent && len(ready) > 0 ->
			ready?d;
			more = 0;
			attempt = tried[d];
			listed = listed & ~ONE(d);
			part = part & ~ONE(d);
			if
			:: (final & ONE(d)) && turns(d) && !(bug == 18 && (refused & ONE(d))) -> next_turn(more)
			:: else
			fi;
			if
			:: final & ONE(d) -> out!d; attempt = 0
			:: !(final & ONE(d)) && bug == 25 -> attempt = tried[d]
			:: else -> attempt = 0 /* and no look at it from now on */
			fi
		:: else
		fi
	   };
		if
		:: attempt != 0 -> /* without the lock */
			assert(tried[d] == attempt && !(settled & ONE(d)));
			attempt = 0
		:: else
		fi;
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
#define counted (alive - beyond - (strict -> 0 : parked))
#define may_take (overflow || room_for(0))
#define room_for(w) ((alive == beyond && bug != 14) \
	|| (counted < bound && bytes + (w) <= (heavy -> 2 : NEVER)))

proctype Desk() {
	byte next = 1, held, alive, bytes, d, n, slot, more, todo, beyond;
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
					bytes = bytes - weight(d);
					if
					:: (outside & ONE(d)) && bug != 26 -> beyond--
					:: else
					fi
				:: else
				fi;
				d++
			:: else -> break
			od;
			dead = 0;
			deaths = 0;
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
			released = released | todo;
			part = part & ~todo;
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
		:: todo == 0 -> d = 0; break
		od;
		crew_fill(); /* on_look */

		/* births */
		atomic { lacking = false; dry = false };
		do
		:: ends -> break
		:: !ends -> atomic {
			if
			:: held == 0 && !may_take -> lacking = open; break
			:: held == 0 && may_take && !open -> break
			:: held == 0 && may_take && open && slow && available < next ->
				dry = true;
				break
			:: held == 0 && may_take && open && (!slow || available >= next) ->
				if
				:: next > items -> open = false; break
				:: else -> held = next; next++
				fi
			:: else
			fi;
			if
			:: room_for(weight(held))
			:: !room_for(weight(held)) && overflow == 1 && len(queue) > 0 ->
				queue?d; /* drop_oldest */
				dropped = dropped | ONE(d);
				collector_drop(d)
			:: !room_for(weight(held)) && overflow == 1 && len(queue) == 0 ->
				next = held; /* drop_held: the next one gets its number */
				items--;
				held = 0
			:: !room_for(weight(held)) && overflow == 2 && beyond < bound ->
				outside = outside | ONE(held);
				beyond++
			:: else -> lacking = true; break
			fi };
			if
			:: d != 0 -> /* dropped: the held one is looked at again */
				collector_skip(d);
				atomic {
					in_work--;
					settled = settled | ONE(d);
					alive--;
					bytes = bytes - weight(d);
					d = 0
				}
			:: held == 0 && d == 0
			:: held != 0 && d == 0 -> atomic {
				d = held;
				held = 0;
				alive++;
				in_work++;
				bytes = bytes + weight(d);
				born = born | ONE(d);
				assert(in_work <= bound + beyond);
				assert(!strict || alive - beyond <= bound);
				assert(!heavy || bytes <= 2 || alive == 1);
				if
				:: (refused | outside) & ONE(d)
				:: else -> queue_push(d); d = 0
				fi };
				if
				:: d != 0 && (outside & ONE(d)) -> collector_skip(d); collector_put(d); d = 0
				:: d != 0 && !(outside & ONE(d)) -> collector_put(d); d = 0
				:: else -> crew_fill()
				fi
			fi
		od;
		if
		:: bug == 6 && !open && held == 0 && len(queue) == 0 -> break
		:: alive == 0 && (ends || (!open && held == 0)) -> break
		:: else
		fi;

		/* sleep_on */
		if
		:: bug == 9 -> busy = (tray_stop && !ends) || look_again || is_worth_it
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
			:: bug == 10 -> busy = look_again || is_worth_it
			:: else -> busy = (tray_stop && !ends) || look_again || is_worth_it
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
	assert(bytes == 0 && alive == 0 && beyond == 0);
	atomic { at_last = parked; over = true }
}

proctype Main() {
	byte w, rested;
	bool signalled;

	do
	:: over -> break
	:: !over && may_stop && !signalled -> signalled = true; stop_births()
	:: !over && rested < pauses -> rested++; pause_and_resume()
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
	assert(dead == 0 && !lent && at_last + tray_parked == 0);
	assert(settled == born && listed == 0 && parked_live == 0 && part == 0);
	assert(((written | released | dropped) == born) || broken);
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
			now.shares = setting("shares", 0);
			now.slow = setting("slow", 0);
			now.lines = setting("lines", 0);
			now.overflow = setting("overflow", 0);
			now.pauses = setting("pauses", 0);
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
