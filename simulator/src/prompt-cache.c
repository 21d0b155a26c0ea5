#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kv.h"
#include "log.h"

/* The simulator's own format: this, then `count` ids. It belongs to one model, and to one runtime version. */
struct header {
  char magic[8];
  char version[16];
  uint64_t model;
  uint64_t count;
};

static struct header header_for(const struct session *session, size_t count) {
  struct header header = {.magic = "RKSIMKV", .model = session->model.container.identity, .count = count};
  snprintf(header.version, sizeof header.version, "%s", RKLLM_ABI_TEXT);
  return header;
}

bool kv_save_prompt(const struct session *session, const struct ids *prompt, const char *path) {
  if (!path) path = "./prompt_cache.bin";
  struct header header = header_for(session, prompt->count);
  FILE *file = fopen(path, "wb");
  bool good = file && fwrite(&header, sizeof header, 1, file) == 1 &&
              fwrite(prompt->data, sizeof *prompt->data, prompt->count, file) == prompt->count;
  if (file && fclose(file) != 0) good = false;
  if (good) {
    log_line('I', "saved prompt cache to %s", path);
  } else {
    log_line('E', "failed to save prompt cache to %s", path);
  }
  return good;
}

static bool read_ids(FILE *file, const struct session *session, long size, struct ids *out) {
  struct header header, ours = header_for(session, 0);
  if (size < 0 || fread(&header, sizeof header, 1, file) != 1 ||
      memcmp(header.magic, ours.magic, sizeof ours.magic) != 0 ||
      header.count != ((uint64_t)size - sizeof header) / sizeof(int32_t)) {
    log_line('E', "failed to load prompt cache");
    return false;
  }
  if (header.model != ours.model || memcmp(header.version, ours.version, sizeof ours.version) != 0) {
    log_line('E', "the prompt dose not match the current model[%s]", session->model.architecture);
    return false;
  }
  int32_t *ids = must_allocate(header.count * sizeof *ids);
  bool good = fread(ids, sizeof *ids, header.count, file) == header.count;
  if (good) {
    out->count = 0;
    ids_append(out, ids, header.count);
  } else {
    log_line('E', "failed to load prompt cache");
  }
  free(ids);
  return good;
}

bool kv_load_prompt(struct session *session, const char *path) {
  log_line('I', "load prompt cache from '%s'", path);
  FILE *file = fopen(path, "rb");
  if (!file) {
    log_line('E', "prompt cache file '%s' does not exist", path);
    return false;
  }
  bool good = false;
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  if (size == 0) {
    log_line('E', "prompt cache file '%s' is empty", path);
  } else {
    good = read_ids(file, session, size, &session->loaded_prompt);
  }
  fclose(file);
  if (good) log_line('I', "loaded a prompt cache with prompt size of %zu tokens", session->loaded_prompt.count);
  return good;
}
