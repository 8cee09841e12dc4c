/* The progress view. See progress.h. */
#include "view/progress.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/keys.h"
#include "base/mem.h"
#include "base/msg.h"
#include "events.h"
#include "stats.h"
#include "view/progress_eta.h"
#include "view/progress_line.h"
#include "view/progress_rows.h"
#include "view/prompt.h"
#include "view/roster.h"

#define LIVE (100 * CLOCK_MS)
#define PLAIN (10 * CLOCK_SECOND)
/* A rate forgets: what happened this long ago weighs 1/e. */
#define MEMORY (5.0 * CLOCK_SECOND)

enum { WIDEST = 1000, USUAL = 80 };
/* Rows of running jobs at most, and how wide; of the terminal's so many are for others. */
enum { ROWS = 8, WIDEST_ROW = 250, OTHERS = 2 };
/* And how many are listed for who asks. */
enum { LISTED = 64 };
/* Frames for which a row that is not needed any more is kept, so that all stand still where
 * jobs are short. */
enum { CALM = 10 };

struct progress {
	struct progress_rules rules;
	bool live;
	bool mute;        /* others write to the same terminal as they like */
	struct roster *roster;
	int64_t last;     /* elapsed time of the last frame */
	int64_t over;     /* items by then */
	uint64_t bytes;   /* and bytes */
	double rate, bytes_rate;  /* per second */
	size_t height;    /* rows that are shown, empty ones too */
	unsigned surplus; /* frames for which that was more than needed */
};

struct progress *progress_open(const struct progress_rules *rules)
{
	struct progress *p = mem_zero(sizeof *p);

	p->rules = *rules;
	p->mute = !rules->json && rules->others_write && isatty(STDERR_FILENO);
	p->live = !rules->json && !p->mute && prompt_can_redraw(STDERR_FILENO);
	p->roster = roster_new();
	if (p->live)
		keys_open();
	return p;
}

int64_t progress_interval(const struct progress *p)
{
	return p->live ? LIVE : p->rules.json ? CLOCK_SECOND : PLAIN;
}

bool progress_shares_terminal(const struct progress *p, int fd)
{
	return p->live && isatty(fd);
}

bool progress_has_rows(const struct progress *p)
{
	return p->live && p->rules.rows;
}

void progress_hear(void *progress, const struct event *e)
{
	struct progress *p = progress;

	if (e->kind == EVENT_SAMPLED)
		progress_frame(p, e->snap, e->at);
	else
		roster_hear(p->roster, e);
}

void progress_printed(void *progress, const struct delivery *d, const char *data, size_t len)
{
	const struct progress *p = progress;

	roster_printed(p->roster, d, data, len);
}

/* Early on all there is has the same weight; later the past fades. */
static void progress_fade(double *rate, double more, double passed, double elapsed)
{
	double weight = passed / (elapsed < MEMORY ? elapsed : MEMORY);

	*rate += (more * CLOCK_SECOND / passed - *rate) * (weight < 1 ? weight : 1);
}

static void progress_measure(struct progress *p, const struct snapshot *s)
{
	double passed = (double)(s->elapsed - p->last), elapsed = (double)s->elapsed;

	if (passed <= 0)
		return;
	progress_fade(&p->rate, (double)(eta_over(s) - p->over), passed, elapsed);
	progress_fade(&p->bytes_rate, (double)s->bytes - (double)p->bytes, passed, elapsed);
	p->last = s->elapsed;
	p->over = eta_over(s);
	p->bytes = s->bytes;
}

static struct progress_state progress_now(struct progress *p, const struct snapshot *s, int64_t at)
{
	size_t count;
	struct eta_running *running = roster_running(p->roster, at, &count);
	struct progress_state state = { .snap = s, .rate = p->rate, .bytes_rate = p->bytes_rate,
		.left = eta_run(s, running, count), .bar = p->rules.bar, .eta = p->rules.eta };

	free(running);
	return state;
}

/* Its rows, and its columns without the last one: some terminals wrap as soon as that is
 * taken. */
static size_t terminal_size(size_t *rows)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0)
		size = (struct winsize){ 0 };
	*rows = size.ws_row ? size.ws_row : ROWS + OTHERS + 1;
	if (size.ws_col == 0)
		return USUAL - 1;
	return (size.ws_col < WIDEST ? size.ws_col : WIDEST) - 1;
}

/* How many rows there are for so many that are needed, of so many that there is room for. */
static size_t progress_height(struct progress *p, size_t needed, size_t room)
{
	p->surplus = needed < p->height ? p->surplus + 1 : 0;
	if (needed > p->height)
		p->height = needed;
	if (p->surplus >= CALM) {
		p->surplus = 0;
		p->height--;
	}
	if (p->height > room)
		p->height = room;
	return p->height;
}

static void add_rows(struct progress *p, struct buf *to, int64_t median, int64_t at,
	size_t columns, size_t rows)
{
	struct roster_row row[ROWS];
	size_t room = rows > OTHERS ? rows - OTHERS : 0, count, height;

	if (room > ROWS)
		room = ROWS;
	count = roster_oldest(p->roster, row, room);
	height = progress_height(p, count, room);
	for (size_t i = 0; i < height; i++) {
		buf_addc(to, '\n');
		if (i < count)
			progress_row(to, &row[i], at, median,
				columns < WIDEST_ROW ? columns : WIDEST_ROW);
	}
}

static void draw_live(struct progress *p, const struct progress_state *state, int64_t at)
{
	struct buf text = { 0 };
	size_t rows, columns = terminal_size(&rows);

	progress_line(&text, state, columns);
	if (p->rules.rows)
		add_rows(p, &text, state->snap->median, at, columns, rows);
	msg_status(buf_str(&text));
	buf_free(&text);
}

/* What runs, once, to be kept: with all the columns that it takes. */
static void progress_list(struct progress *p, const struct progress_state *state, int64_t at)
{
	struct roster_row *row = mem_alloc(LISTED * sizeof *row);
	size_t count = roster_oldest(p->roster, row, LISTED);
	int64_t running = state->snap->count[STAT_RUNNING];
	struct buf text = { 0 };

	buf_adds(&text, "pq: ");
	progress_line(&text, state, WIDEST);
	buf_addc(&text, '\n');
	for (size_t i = 0; i < count; i++) {
		buf_adds(&text, "pq: ");
		progress_row(&text, &row[i], at, state->snap->median, WIDEST_ROW);
		buf_addc(&text, '\n');
	}
	if (running > (int64_t)count && count == LISTED)
		buf_addf(&text, "pq: and %lld more\n", (long long)(running - (int64_t)count));
	msg_plain(text.data, text.len);
	buf_free(&text);
	free(row);
}

void progress_frame(struct progress *p, const struct snapshot *snap, int64_t at)
{
	struct progress_state state;
	struct buf line = { 0 };

	if (p->mute)
		return;
	progress_measure(p, snap);
	state = progress_now(p, snap, at);
	if (p->rules.json) {
		progress_json(&line, &state);
		msg_plain(line.data, line.len);
	} else if (!p->live) {
		progress_line(&line, &state, WIDEST);
		msg_warn("%s", buf_str(&line));
	} else if (tcgetpgrp(STDERR_FILENO) == getpgrp()) {
		draw_live(p, &state, at);
		if (keys_pressed('t'))
			progress_list(p, &state, at);
	}
	buf_free(&line);
}

static void progress_last_line(struct buf *to, const struct snapshot *s)
{
	double seconds = (double)s->elapsed / CLOCK_SECOND, over, rate;
	int64_t left = snapshot_not_run(s);

	over = (double)(s->count[STAT_SUCCEEDED] + s->count[STAT_FAILED]);
	rate = seconds > 0 ? over / seconds : 0;
	buf_addf(to, "%llu done, %llu failed", (unsigned long long)s->count[STAT_SUCCEEDED],
		(unsigned long long)s->count[STAT_FAILED]);
	if (left > 0)
		buf_addf(to, ", %llu stopped or not run", (unsigned long long)left);
	buf_addf(to, " in %.1f s", seconds);
	buf_addf(to, rate < 10 ? ", %.1f/s" : ", %.0f/s", rate);
}

void progress_close(struct progress *p, const struct snapshot *s)
{
	double seconds = (double)s->elapsed / CLOCK_SECOND;
	/* With the rate of the whole run. */
	struct progress_state state = { .snap = s,
		.rate = seconds > 0 ? (double)eta_over(s) / seconds : 0,
		.bytes_rate = seconds > 0 ? (double)s->bytes / seconds : 0 };
	struct buf text = { 0 };

	if (p->rules.json) {
		progress_json(&text, &state);
		msg_plain(text.data, text.len);
	} else {
		if (p->live)
			msg_status(NULL);
		keys_close();
		progress_last_line(&text, s);
		msg_warn("%s", buf_str(&text));
	}
	buf_free(&text);
	roster_free(p->roster);
	free(p);
}
