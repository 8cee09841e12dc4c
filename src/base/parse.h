/* Numbers, sizes, times and characters as people write them on a command line.
 *
 * Pure. Each function returns true and sets *out, or returns false and leaves it
 * alone; the caller says which option it was. Nothing may follow the value. */
#ifndef PQ_PARSE_H
#define PQ_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool parse_count(const char *s, uint64_t *out); /* decimal digits only */
/* Bytes: digits, an optional fraction, an optional unit: k M G T P as powers of
 * 1000 when lower case and of 1024 when upper case (GNU parallel's rule); a
 * final B or iB is allowed, b for B ("16MiB", "64M", "1.5G", "100k", "1mb"). */
bool parse_size(const char *s, uint64_t *out);
/* A duration in nanoseconds: seconds with an optional fraction, or a sum of
 * terms with units: ns us ms s m h d, and what else these are called in short or in
 * full ("0.3", "250ms", "1.5m", "1h30m", "5min", "2hours"). */
bool parse_time(const char *s, int64_t *out);
/* "12.5%" gives 12.5. */
bool parse_percent(const char *s, double *out);
/* One byte: itself, or an escape (escape.h), all of which are known here. */
bool parse_char(const char *s, char *out);
/* Any number of them; out has room for strlen(s) bytes. */
bool parse_bytes(const char *s, char *out, size_t *len);
/* A signal by name, with or without SIG, in either case, or by number. */
bool parse_signal(const char *s, int *out);

#endif
