#include "container.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "text.h"

/* The public part of the mask. In the simulator's files the other 224 bytes are 0. */
static const unsigned char mask[32] = {0x9d, 0xa9, 0xe6, 0x70, 0xcc, 0xe7, 0x6f, 0x66, 0x62, 0x77, 0x4b,
                                       0x69, 0xb8, 0x8b, 0x45, 0xa1, 0xa6, 0xfb, 0x80, 0xa7, 0x7a, 0x92,
                                       0xd6, 0xf3, 0xe8, 0x00, 0x44, 0xf8, 0xda, 0x42, 0xe3, 0x4e};
enum { MASK_PERIOD = 256, MOST_ENTRIES = 4096 };

struct reader {
  const unsigned char *bytes;
  uint64_t size, at;
  bool broken;
};

uint64_t hash_bytes(uint64_t seed, const void *bytes, size_t length) {
  uint64_t hash = seed ^ 0xcbf29ce484222325u;
  for (size_t i = 0; i < length; i++) hash = (hash ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;
  return hash;
}

static const unsigned char *take(struct reader *reader, uint64_t length) {
  if (reader->broken || length > reader->size - reader->at) {
    reader->broken = true;
    return NULL;
  }
  const unsigned char *bytes = reader->bytes + reader->at;
  reader->at += length;
  return bytes;
}

static uint64_t take_number(struct reader *reader, int length) {
  const unsigned char *bytes = take(reader, (uint64_t)length);
  uint64_t number = 0;
  for (int i = length - 1; bytes && i >= 0; i--) number = number << 8 | bytes[i];
  return number;
}

static char *take_string(struct reader *reader, uint64_t *length) {
  *length = take_number(reader, 8);
  const unsigned char *bytes = take(reader, *length);
  if (!bytes) return NULL;
  char *out = must_allocate(*length + 1);
  for (uint64_t i = 0; i < *length; i++) {
    unsigned at = (unsigned)(i % MASK_PERIOD);
    out[i] = (char)(bytes[i] ^ (at < sizeof mask ? mask[at] : 0));
  }
  return out;
}

/* Width of a GGUF scalar in bytes; 0 for what is not one. */
static int scalar_width(uint32_t type) {
  static const int widths[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
  return type < sizeof widths / sizeof *widths ? widths[type] : 0;
}

static void take_array(struct reader *reader, struct entry *entry) {
  entry->element_type = (uint32_t)take_number(reader, 4);
  entry->count = take_number(reader, 8);
  if (entry->element_type == GGUF_STRING) {
    for (uint64_t i = 0; i < entry->count && !reader->broken; i++) take(reader, take_number(reader, 8));
    return;
  }
  uint64_t width = (uint64_t)scalar_width(entry->element_type);
  if (width == 0 || entry->count > reader->size / width) {
    reader->broken = true;
    return;
  }
  const unsigned char *bytes = take(reader, entry->count * width);
  if (!bytes) return;
  entry->bytes = must_allocate(entry->count * width + 1);
  memcpy(entry->bytes, bytes, entry->count * width);
}

static void take_entry(struct reader *reader, struct entry *entry) {
  uint64_t length;
  char *key = take_string(reader, &length);
  if (key) snprintf(entry->key, sizeof entry->key, "%s", key);
  free(key);
  entry->type = (uint32_t)take_number(reader, 4);
  if (entry->type == GGUF_STRING) {
    entry->bytes = take_string(reader, &entry->count);
  } else if (entry->type == GGUF_ARRAY) {
    take_array(reader, entry);
  } else if (scalar_width(entry->type)) {
    entry->number = take_number(reader, scalar_width(entry->type));
  } else {
    reader->broken = true;
  }
}

static void read_footer(struct container *container, const unsigned char *bytes, uint64_t size) {
  static const char marker[] = "rkllm-toolkit version: ";
  const size_t marker_length = sizeof marker - 1;
  snprintf(container->toolkit, sizeof container->toolkit, "unknown");
  for (uint64_t at = size > 64 ? size - 64 : 0; at + marker_length < size; at++) {
    if (memcmp(bytes + at, marker, marker_length) != 0) continue;
    size_t length = 0;
    const unsigned char *version = bytes + at + marker_length;
    while (version + length < bytes + size && length < 31 && isgraph(version[length])) length++;
    snprintf(container->toolkit, sizeof container->toolkit, "%.*s", (int)length, (const char *)version);
    return;
  }
}

static enum container_status read_all(struct container *container, const unsigned char *bytes, uint64_t size) {
  static const unsigned char magic[4] = {0xda, 0xee, 0xb3, 0x36};
  struct reader reader = {.bytes = bytes, .size = size};
  for (uint64_t i = 0; i < 4 && i < size; i++) container->magic |= (uint32_t)bytes[i] << (24 - 8 * i);
  if (size < 4 || memcmp(bytes, magic, 4) != 0) return CONTAINER_BAD_MAGIC;
  reader.at = 4;
  uint64_t version = take_number(&reader, 4);
  take_number(&reader, 8);
  uint64_t count = take_number(&reader, 8);
  if (reader.broken || version != 3 || count > MOST_ENTRIES) return CONTAINER_BROKEN;
  container->entries = must_allocate(count * sizeof *container->entries);
  for (; container->entry_count < count && !reader.broken; container->entry_count++) {
    take_entry(&reader, &container->entries[container->entry_count]);
  }
  if (reader.broken) return CONTAINER_BROKEN;
  container->identity = hash_bytes(size, bytes, reader.at);
  read_footer(container, bytes, size);
  return CONTAINER_GOOD;
}

enum container_status container_open(struct container *container, const char *path) {
  *container = (struct container){0};
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return CONTAINER_MISSING;
  /* Not fstat, which would bind the library to glibc 2.33. */
  off_t size = lseek(file, 0, SEEK_END);
  container->file_size = size > 0 ? (uint64_t)size : 0;
  void *bytes = NULL;
  if (size > 0) bytes = mmap(NULL, container->file_size, PROT_READ, MAP_PRIVATE, file, 0);
  close(file);
  if (bytes == MAP_FAILED) return CONTAINER_MISSING;
  enum container_status result = read_all(container, bytes, container->file_size);
  if (bytes) munmap(bytes, container->file_size);
  if (result != CONTAINER_GOOD) container_close(container);
  return result;
}

void container_close(struct container *container) {
  for (size_t i = 0; i < container->entry_count; i++) free(container->entries[i].bytes);
  free(container->entries);
  container->entries = NULL;
  container->entry_count = 0;
}

const struct entry *container_find(const struct container *container, const char *key) {
  for (size_t i = 0; i < container->entry_count; i++) {
    if (strcmp(container->entries[i].key, key) == 0) return &container->entries[i];
  }
  return NULL;
}

uint64_t container_number(const struct container *container, const char *key, uint64_t otherwise) {
  const struct entry *entry = container_find(container, key);
  return entry && scalar_width(entry->type) ? entry->number : otherwise;
}

const char *container_string(const struct container *container, const char *key, const char *otherwise) {
  const struct entry *entry = container_find(container, key);
  return entry && entry->type == GGUF_STRING ? entry->bytes : otherwise;
}
