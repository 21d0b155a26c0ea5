#include "text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *must_resize(void *block, size_t size) {
  void *out = realloc(block, size ? size : 1);
  if (!out) {
    fprintf(stderr, "rkllm simulator: out of memory (%zu bytes)\n", size);
    abort();
  }
  return out;
}

void *must_allocate(size_t size) { return memset(must_resize(NULL, size), 0, size); }

char *must_copy(const char *string) {
  size_t size = strlen(string) + 1;
  return memcpy(must_resize(NULL, size), string, size);
}

static void reserve(struct text *text, size_t more) {
  size_t needed = text->length + more + 1;
  if (needed <= text->capacity) return;
  size_t capacity = text->capacity ? text->capacity : 64;
  while (capacity < needed) capacity *= 2;
  text->data = must_resize(text->data, capacity);
  text->capacity = capacity;
}

void text_add(struct text *text, const void *bytes, size_t length) {
  reserve(text, length);
  if (length) memcpy(text->data + text->length, bytes, length);
  text->length += length;
  text->data[text->length] = 0;
}

void text_add_string(struct text *text, const char *string) { text_add(text, string, strlen(string)); }

void text_format(struct text *text, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (length > 0) {
    reserve(text, (size_t)length);
    vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
    text->length += (size_t)length;
  }
  va_end(again);
}

int utf8_length(const unsigned char *bytes, size_t available) {
  if (available == 0) return 0;
  unsigned char first = bytes[0];
  if (first < 0x80) return 1;
  int length = first >= 0xC2 && first <= 0xDF   ? 2
               : (first & 0xF0) == 0xE0         ? 3
               : first >= 0xF0 && first <= 0xF4 ? 4
                                                : -1;
  if (length < 0) return -1;
  if (available > 1) {
    unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (bytes[1] < low || bytes[1] > high) return -1;
  }
  for (int i = 2; i < length && (size_t)i < available; i++) {
    if ((bytes[i] & 0xC0) != 0x80) return -1;
  }
  return (size_t)length <= available ? length : 0;
}

void text_add_json(struct text *text, const char *bytes, size_t length) {
  text_add(text, "\"", 1);
  size_t i = 0;
  while (i < length) {
    unsigned char byte = (unsigned char)bytes[i];
    int character = utf8_length((const unsigned char *)bytes + i, length - i);
    if (character <= 0 || byte < 0x20 || byte == 0x7F) {
      text_format(text, "\\u%04x", byte);
      i++;
    } else if (byte == '"' || byte == '\\') {
      text_format(text, "\\%c", byte);
      i++;
    } else {
      text_add(text, bytes + i, (size_t)character);
      i += (size_t)character;
    }
  }
  text_add(text, "\"", 1);
}

void text_clear(struct text *text) {
  text->length = 0;
  if (text->data) text->data[0] = 0;
}

void text_free(struct text *text) {
  free(text->data);
  *text = (struct text){0};
}
