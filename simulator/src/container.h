/* Reads the framing of a .rkllm file (RKLLM fact sheet, section 3). */
#ifndef SIM_CONTAINER_H
#define SIM_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum container_status { CONTAINER_GOOD, CONTAINER_MISSING, CONTAINER_BAD_MAGIC, CONTAINER_BROKEN };

enum { GGUF_UINT8 = 0, GGUF_UINT32 = 4, GGUF_INT32 = 5, GGUF_BOOL = 7, GGUF_STRING = 8, GGUF_ARRAY = 9 };

/* One metadata value. Bytes of strings are unmasked copies; arrays are as in the file. */
struct entry {
  char key[64];
  uint32_t type, element_type;
  uint64_t number, count;
  char *bytes; /* NUL-terminated */
};

struct container {
  struct entry *entries;
  size_t entry_count;
  uint32_t magic; /* as found, big-endian */
  uint64_t file_size;
  uint64_t identity; /* a hash of the header and the size: which model this is */
  char toolkit[32];  /* from the footer, or "unknown" */
};

enum container_status container_open(struct container *container, const char *path);
void container_close(struct container *container);
const struct entry *container_find(const struct container *container, const char *key);
uint64_t container_number(const struct container *container, const char *key, uint64_t otherwise);
const char *container_string(const struct container *container, const char *key, const char *otherwise);

uint64_t hash_bytes(uint64_t seed, const void *bytes, size_t length);

#endif
