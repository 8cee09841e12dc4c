/* Text of the report: data made harmless, and numbers as people read them. Pure. */
#ifndef PQ_REPORT_TEXT_H
#define PQ_REPORT_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct buf;

#define REPORT_BLANK "\xc2\xa0" /* at which no line ends */

/* Append data of one line as text of HTML, for elements and quoted attributes: what has no
 * shape on a screen, and what is no UTF-8, is seen as an escape. */
void report_escape(struct buf *to, const char *data, size_t len);
/* The same, but no more than about `most` bytes of HTML, with an ellipsis behind what is cut. */
void report_escape_cut(struct buf *to, const char *data, size_t len, size_t most);
/* The same for what a program printed: lines stay lines, and the sequences that colour a
 * terminal are left out. */
void report_escape_lines(struct buf *to, const char *data, size_t len);

/* "1.24 s", "340 ms", "2m05s": three digits, and a blank that does not break. */
void report_time(struct buf *to, int64_t ns);
void report_round_time(struct buf *to, int64_t ns);       /* "2 s", "500 ms": for ticks */
void report_count(struct buf *to, uint64_t n);           /* "12,345" */
void report_number(struct buf *to, double n);            /* three digits */
void report_percent(struct buf *to, double share);       /* of 1 */
void report_date(struct buf *to, int64_t wall);          /* local time, with its zone */
/* "1 job", "12 jobs". */
void report_some(struct buf *to, uint64_t n, const char *noun);

#endif
