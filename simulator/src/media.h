/* Multimodal input: text with tags that stand for rows of an encoder (RKLLM fact sheet, sections 1.3 and 2.10). */
#ifndef SIM_MEDIA_H
#define SIM_MEDIA_H

#include "generation.h"

/* The KV entry of an embedded row: negative, the same for the same numbers. */
int32_t media_row_id(const float *row, size_t width);
/* Checks the input; false with a log line. */
bool media_check(const struct session *session, const RKLLMMultiModalInput *input);
/* Tokenises the rendered text and puts the rows in place of their tags. */
void media_expand(const struct session *session, const RKLLMMultiModalInput *input, const struct text *rendered,
                  struct ids *out);

#endif
