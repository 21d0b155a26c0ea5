/* A model file as the runtime sees it: what its header says, and what the simulator generates from. */
#ifndef SIM_MODEL_H
#define SIM_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "container.h"
#include "corpus.h"
#include "script.h"
#include "tokenizer.h"

enum { MOST_EOS_IDS = 8 };

struct model {
  struct container container;
  const char *architecture, *dtype;
  const char *platform; /* name of the SoC, or "unknown" */
  int core_count, max_context, embedding_size;
  bool adapter, has_tokenizer, has_embedding, thinking;
  /* NULL when the file has no template. */
  const char *template_system, *template_prefix, *template_postfix;
  int32_t eos_ids[MOST_EOS_IDS];
  int eos_count;
  bool eos_is_uint32;
  struct tokenizer tokenizer;
  struct corpus corpus;
  struct script script;
  int32_t think_start, think_end;
};

/* Reads the header; nothing needs closing unless the result is CONTAINER_GOOD. */
enum container_status model_open(struct model *model, const char *path);
/* Builds what generation needs; false when the file was not made for the simulator. */
bool model_load(struct model *model);
void model_close(struct model *model);
bool model_is_eos(const struct model *model, int32_t id);

#endif
