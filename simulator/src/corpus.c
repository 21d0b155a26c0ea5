#include "corpus.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "words.h"

struct block {
  struct text questions; /* one per line */
  struct text answer, thought;
};

static void add_question(struct corpus *corpus, const char *line, size_t length) {
  size_t document = corpus->document_count - 1;
  if (length == 1 && *line == '*') {
    corpus->fallbacks[document] = true;
    return;
  }
  size_t index = corpus->question_count++;
  corpus->questions = must_resize(corpus->questions, corpus->question_count * sizeof *corpus->questions);
  corpus->questions[index] = (struct question){.document = document};
  corpus->questions[index].word_count = words_of(line, length, &corpus->questions[index].words);
}

static void add_document(struct corpus *corpus, const struct text *questions, bool thought) {
  corpus->document_count++;
  corpus->fallbacks = must_resize(corpus->fallbacks, corpus->document_count * sizeof *corpus->fallbacks);
  corpus->fallbacks[corpus->document_count - 1] = false;
  corpus->thoughts = must_resize(corpus->thoughts, corpus->document_count * sizeof *corpus->thoughts);
  corpus->thoughts[corpus->document_count - 1] = thought;
  const char *line = questions->data, *end = questions->data + questions->length;
  while (line < end) {
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    size_t length = (size_t)((newline ? newline : end) - line);
    add_question(corpus, line, length);
    line += length + 1;
  }
}

static void add_body(struct corpus *corpus, const struct text *body, int32_t start, const struct tokenizer *tokenizer,
                     int32_t end) {
  size_t from = corpus->stream.count;
  ids_add(&corpus->stream, start);
  tokenizer_encode(tokenizer, body->data, body->length, &corpus->stream);
  ids_add(&corpus->stream, end);
  corpus->owner = must_resize(corpus->owner, corpus->stream.count * sizeof *corpus->owner);
  for (size_t i = from; i < corpus->stream.count; i++) corpus->owner[i] = (uint32_t)(corpus->document_count - 1);
}

static void end_block(struct corpus *corpus, struct block *block, const struct tokenizer *tokenizer, int32_t eos) {
  if (block->answer.length) {
    add_document(corpus, block->questions.length ? &block->questions : &block->answer, false);
    add_body(corpus, &block->answer, START_OF_ANSWER, tokenizer, eos);
    if (block->thought.length) add_document(corpus, &block->questions, true);
    if (block->thought.length) add_body(corpus, &block->thought, START_OF_THOUGHT, tokenizer, eos);
  }
  text_clear(&block->questions);
  text_clear(&block->answer);
  text_clear(&block->thought);
}

static void add_line(struct block *block, struct text **current, const char *line, size_t length) {
  static const char marks[] = "QAT";
  const char *mark = length > 1 && line[1] == ':' ? memchr(marks, line[0], 3) : NULL;
  if (mark) {
    *current = *mark == 'Q' ? &block->questions : *mark == 'A' ? &block->answer : &block->thought;
    line += 2;
    length -= 2;
    while (length && *line == ' ') line++, length--;
  }
  if ((*current)->length) text_add(*current, "\n", 1);
  text_add(*current, line, length);
}

static void read_blocks(struct corpus *corpus, const char *text, size_t length, const struct tokenizer *tokenizer,
                        int32_t eos) {
  struct block block = {0};
  struct text *current = &block.answer;
  for (size_t at = 0; at < length;) {
    const char *newline = memchr(text + at, '\n', length - at);
    size_t end = newline ? (size_t)(newline - text) : length;
    if (end == at) {
      end_block(corpus, &block, tokenizer, eos);
      current = &block.answer;
    } else {
      add_line(&block, &current, text + at, end - at);
    }
    at = end + 1;
  }
  end_block(corpus, &block, tokenizer, eos);
  text_free(&block.questions);
  text_free(&block.answer);
  text_free(&block.thought);
}

static int compare_at(const struct corpus *corpus, size_t position, const int32_t *context, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (position + i >= corpus->stream.count) return -1;
    int32_t have = corpus->stream.data[position + i];
    if (have != context[i]) return have < context[i] ? -1 : 1;
  }
  return 0;
}

static int by_stream(const void *a, const void *b, void *argument) {
  const struct corpus *corpus = argument;
  uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
  size_t room = corpus->stream.count - right;
  int order = compare_at(corpus, left, corpus->stream.data + right, room < LONGEST_CONTEXT ? room : LONGEST_CONTEXT);
  return order ? order : left < right ? -1 : left > right;
}

/* Rare words say more about a text than common ones. */
static double weight_of(const struct corpus *corpus, uint64_t word) {
  double count = (double)words_count(corpus->known_words, corpus->known_count, word);
  return log(1.0 + (double)corpus->question_count / (1.0 + count));
}

static double norm_of(const struct corpus *corpus, const uint64_t *words, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += pow(weight_of(corpus, words[i]), 2);
  return sqrt(sum);
}

static void index_words(struct corpus *corpus) {
  size_t total = 0;
  for (size_t i = 0; i < corpus->question_count; i++) total += corpus->questions[i].word_count;
  corpus->known_words = must_allocate((total + 1) * sizeof *corpus->known_words);
  for (size_t i = 0; i < corpus->question_count; i++) {
    const struct question *question = &corpus->questions[i];
    if (question->word_count == 0) continue;
    memcpy(corpus->known_words + corpus->known_count, question->words, question->word_count * sizeof(uint64_t));
    corpus->known_count += question->word_count;
  }
  words_sort(corpus->known_words, corpus->known_count);
  for (size_t i = 0; i < corpus->question_count; i++) {
    struct question *question = &corpus->questions[i];
    question->norm = norm_of(corpus, question->words, question->word_count);
  }
}

void corpus_load(struct corpus *corpus, const char *text, size_t length, const struct tokenizer *tokenizer,
                 int32_t eos) {
  *corpus = (struct corpus){0};
  read_blocks(corpus, text, length, tokenizer, eos);
  index_words(corpus);
  corpus->sorted = must_allocate((corpus->stream.count + 1) * sizeof *corpus->sorted);
  for (size_t i = 0; i < corpus->stream.count; i++) corpus->sorted[i] = (uint32_t)i;
  qsort_r(corpus->sorted, corpus->stream.count, sizeof *corpus->sorted, by_stream, corpus);
}

void corpus_free(struct corpus *corpus) {
  for (size_t i = 0; i < corpus->question_count; i++) free(corpus->questions[i].words);
  free(corpus->questions);
  free(corpus->fallbacks);
  free(corpus->thoughts);
  free(corpus->known_words);
  free(corpus->sorted);
  free(corpus->owner);
  ids_free(&corpus->stream);
  *corpus = (struct corpus){0};
}

void corpus_relevance(const struct corpus *corpus, const char *question, size_t length, bool thought,
                      float *relevance) {
  uint64_t *words = NULL;
  size_t count = words_of(question, length, &words);
  double norm = norm_of(corpus, words, count), best = 0;
  memset(relevance, 0, corpus->document_count * sizeof *relevance);
  for (size_t i = 0; i < corpus->question_count; i++) {
    const struct question *known = &corpus->questions[i];
    if (corpus->thoughts[known->document] != thought) continue;
    double shared = 0;
    for (size_t w = 0; w < count; w++) {
      if (words_count(known->words, known->word_count, words[w])) shared += pow(weight_of(corpus, words[w]), 2);
    }
    double cosine = known->norm > 0 && norm > 0 ? shared / (known->norm * norm) : 0;
    if (cosine > relevance[known->document]) relevance[known->document] = (float)cosine;
    if (cosine > best) best = cosine;
  }
  free(words);
  /* Below this, nothing in the text is about the question. */
  bool fits = best >= 0.25;
  for (size_t i = 0; i < corpus->document_count; i++) {
    double share = fits ? relevance[i] / best : corpus->fallbacks[i];
    relevance[i] = corpus->thoughts[i] == thought ? (float)(0.001 + pow(share, 5)) : 0;
  }
}

void corpus_find(const struct corpus *corpus, const int32_t *context, size_t length, size_t *low, size_t *high) {
  size_t bounds[2];
  for (int upper = 0; upper < 2; upper++) {
    size_t from = 0, to = corpus->stream.count;
    while (from < to) {
      size_t middle = (from + to) / 2;
      int order = compare_at(corpus, corpus->sorted[middle], context, length);
      if (order < 0 || (upper && order == 0)) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    bounds[upper] = from;
  }
  *low = bounds[0];
  *high = bounds[1];
}
