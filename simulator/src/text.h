/* A growing byte buffer: for rendered prompts, log lines and JSON. */
#ifndef SIM_TEXT_H
#define SIM_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct text {
  char *data; /* NUL-terminated when not NULL */
  size_t length, capacity;
};

void text_add(struct text *text, const void *bytes, size_t length);
void text_add_string(struct text *text, const char *string);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A JSON string. Bytes that are not UTF-8 become \u00XX of the byte, so that nothing received is lost. */
void text_add_json(struct text *text, const char *bytes, size_t length);
void text_clear(struct text *text);
void text_free(struct text *text);

/* The length of the UTF-8 character at the front: 0 when more bytes are needed, -1 when it is none. */
int utf8_length(const unsigned char *bytes, size_t available);

/* malloc and friends that end the process with a message, so that callers need no path for it. */
void *must_allocate(size_t size);
void *must_resize(void *block, size_t size);
char *must_copy(const char *string);

#endif
