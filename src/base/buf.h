/* A growing run of bytes. Zero-initialise it; free it with buf_free.
 * Not shared between threads. Growth that is not tried dies on failed allocation (mem.h). */
#ifndef PQ_BUF_H
#define PQ_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *data; /* owned; NULL while cap is 0; not NUL-terminated by itself */
	size_t len; /* bytes in use */
	size_t cap; /* bytes allocated */
};

/* Make room for `more` bytes after len and return where they go. */
char *buf_reserve(struct buf *b, size_t more);
/* The same for what comes from outside; NULL: there is no memory for that and for another of
 * its size, which will be made of it (mem_has). */
char *buf_try_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_addc(struct buf *b, char c);
void buf_adds(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *format, va_list ap);
/* The bytes as a C string, valid until the next change. */
const char *buf_str(struct buf *b);
void buf_clear(struct buf *b); /* empty, the memory is kept */
void buf_free(struct buf *b);  /* empty, the memory is given back */

#endif
