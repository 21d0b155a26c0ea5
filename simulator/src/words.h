/* The words of a text, for comparing what texts are about. */
#ifndef SIM_WORDS_H
#define SIM_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* The sorted hashes of the distinct words, in lower case and without a plural s. The caller frees `*out`. */
size_t words_of(const char *text, size_t length, uint64_t **out);
void words_sort(uint64_t *words, size_t count);
/* How many entries of a sorted list equal the word. */
size_t words_count(const uint64_t *sorted, size_t count, uint64_t word);

#endif
