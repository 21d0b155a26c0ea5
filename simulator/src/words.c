#include "words.h"

#include <stdbool.h>
#include <stdlib.h>

#include "container.h"
#include "text.h"

static bool in_word(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80 || c == '\'';
}

static int by_value(const void *a, const void *b) {
  uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
  return left < right ? -1 : left > right;
}

void words_sort(uint64_t *words, size_t count) {
  if (count) qsort(words, count, sizeof *words, by_value);
}

size_t words_of(const char *text, size_t length, uint64_t **out) {
  size_t count = 0, capacity = 0, at = 0;
  uint64_t *words = NULL;
  while (at < length) {
    char word[48];
    size_t n = 0;
    while (at < length && !in_word((unsigned char)text[at])) at++;
    for (; at < length && in_word((unsigned char)text[at]); at++) {
      char c = text[at];
      if (c != '\'' && n < sizeof word) word[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    if (n > 3 && word[n - 1] == 's') n--;
    if (n == 0) continue;
    if (count == capacity) {
      capacity = capacity * 2 + 8;
      words = must_resize(words, capacity * sizeof *words);
    }
    words[count++] = hash_bytes(1, word, n);
  }
  words_sort(words, count);
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    if (i == 0 || words[i] != words[i - 1]) words[kept++] = words[i];
  }
  *out = words;
  return kept;
}

size_t words_count(const uint64_t *sorted, size_t count, uint64_t word) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (sorted[middle] < word) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  size_t first = low;
  while (low < count && sorted[low] == word) low++;
  return low - first;
}
