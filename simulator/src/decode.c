#include "decode.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "kv.h"
#include "log.h"
#include "timings.h"

enum step { STEP_GOOD, STEP_ENDED, STEP_ERROR };

static bool is_aborted(const struct decode *decode) {
  return atomic_load_explicit(&decode->session->abort_requested, memory_order_relaxed);
}

/* What happens after `tokens` tokens when the environment asks for it. */
static enum step meet_faults(const struct faults *faults, long tokens) {
  if (tokens == faults->crash) raise(SIGSEGV);
  if (tokens == faults->abort) abort();
  if (tokens == faults->exit) exit(1);
  if (tokens == faults->hang) clock_wait_forever();
  if (tokens == faults->error) {
    log_rknn('E', "simulator: failed to submit!, op id: 1, op name: MatMul");
    return STEP_ERROR;
  }
  return STEP_GOOD;
}

static bool has_faults(const struct faults *faults) {
  return faults->crash >= 0 || faults->abort >= 0 || faults->exit >= 0 || faults->hang >= 0 || faults->error >= 0;
}

/* Feeds the token generated last, which is what makes it part of the cache. */
static enum step feed(struct decode *decode, int index) {
  struct session *session = decode->session;
  struct stream *stream = &decode->generation->streams[index];
  struct lane *lane = &session->lanes[index];
  if (stream->pending < 0) return STEP_GOOD;
  if (lane->kv.count + 1 > (size_t)session->max_context) {
    enum context_full rule = decode->history ? CONTEXT_FULL_SHIFT : session->options.context_full;
    if (rule == CONTEXT_FULL_STOP) return STEP_ENDED;
    if (rule == CONTEXT_FULL_ERROR) {
      log_line('E', "the context is not enough! history_s: %zu, prompt: 1, max context: %d", lane->kv.count,
               session->max_context);
      return STEP_ERROR;
    }
    if (!kv_shift(session, lane, 1)) return STEP_ERROR;
  }
  ids_add(&lane->kv, stream->pending);
  stream->pending = -1;
  return STEP_GOOD;
}

static bool honours_eos(const struct session *session) {
  /* Runtime 1.3.0 reads only INT32 ids (RKLLM fact sheet, section 6). */
  return !session->ignore_eos && !(session->options.eos_needs_int32 && session->model.eos_is_uint32);
}

/* Appends the token's bytes to those held back and passes on what is complete; false when nothing is. */
static bool set_text(struct decode *decode, int index, const struct piece *piece) {
  struct session *session = decode->session;
  struct stream *stream = &decode->generation->streams[index];
  if (!session->model.has_tokenizer) return true; /* text stays NULL: the caller decodes */
  if (!piece || (piece->control && session->skip_special)) {
    delivery_text(&decode->delivery, index, "", 0);
    return true;
  }
  if (stream->held_length == 0 && piece->whole) {
    delivery_text(&decode->delivery, index, piece->bytes, piece->length);
    return true;
  }
  struct text joined = {0};
  text_add(&joined, stream->held, stream->held_length);
  text_add(&joined, piece->bytes, piece->length);
  size_t complete = 0;
  while (complete < joined.length) {
    int length = utf8_length((const unsigned char *)joined.data + complete, joined.length - complete);
    if (length == 0) break;
    complete += length > 0 ? (size_t)length : 1; /* a byte that starts no character passes as it is */
  }
  stream->held_length = joined.length - complete;
  memcpy(stream->held, joined.data + complete, stream->held_length);
  if (complete && session->options.join_remainder) {
    delivery_text(&decode->delivery, index, piece->bytes, piece->length);
  } else if (complete) {
    delivery_text(&decode->delivery, index, joined.data, complete);
  } else if (session->options.waiting_text) {
    delivery_text(&decode->delivery, index, piece->bytes, piece->length);
  }
  text_free(&joined);
  return complete > 0;
}

/* One token of one batch into its result; `waiting` is set when it does not complete a character. */
static enum step step_batch(struct decode *decode, int index, bool *waiting) {
  struct session *session = decode->session;
  struct stream *stream = &decode->generation->streams[index];
  decode->delivery.results[index].token_id = -1;
  if (stream->ended) return STEP_ENDED;
  enum step step = feed(decode, index);
  if (step == STEP_GOOD) {
    int32_t id = generation_next(session, decode->generation, index);
    if (model_is_eos(&session->model, id) && honours_eos(session)) {
      step = STEP_ENDED;
    } else {
      stream->pending = id;
      decode->delivery.results[index].token_id = id;
      *waiting = !set_text(decode, index, tokenizer_piece(&session->model.tokenizer, id));
    }
  }
  stream->ended = step == STEP_ENDED;
  return step;
}

static int finish_aborted(struct decode *decode) {
  clock_wait(decode->session->options.abort_ms);
  log_line('I', "rkllm_run was aborted");
  decode_finish(decode);
  log_line('I', "rkllm_run ended");
  return decode->session->options.abort_return;
}

static int pause_run(struct decode *decode) {
  decode->session->paused = decode->generation;
  if (log_level() >= 1) log_line('I', "rkllm_run was paused");
  return 0;
}

int decode_run(struct decode *decode) {
  struct session *session = decode->session;
  const struct options *options = &session->options;
  const bool faulty = has_faults(&options->faults);
  double begun = clock_ms();
  /* A resumed run delivers what it still holds and goes on counting from 0. */
  for (;;) {
    decode->generate_ms = clock_ms() - begun;
    if (is_aborted(decode)) return finish_aborted(decode);
    if (decode->max_new_tokens > 0 && decode->generate_tokens >= decode->max_new_tokens) return decode_finish(decode);
    if (faulty && meet_faults(&options->faults, decode->generate_tokens) != STEP_GOOD) return decode_error(decode);
    double due = options->decode_ms > 0 ? clock_ms() + options->decode_ms : 0;
    int active = 0;
    bool waiting = false;
    for (int i = 0; i < session->batch_count; i++) {
      enum step step = step_batch(decode, i, &waiting);
      if (step == STEP_ERROR) return decode_error(decode);
      active += step == STEP_GOOD;
    }
    if (active == 0) return decode_finish(decode);
    if (due > 0) clock_wait_until(due);
    decode->generate_tokens += active;
    /* With several batches there is one state for all; a batch that waits has no text. */
    LLMCallState state = waiting && session->batch_count == 1 ? RKLLM_RUN_WAITING : RKLLM_RUN_NORMAL;
    enum verdict verdict = delivery_call(&decode->delivery, state);
    if (verdict == VERDICT_PAUSE && ABI_1_2_1 && !decode->history) return pause_run(decode);
  }
}

/* A conversation keeps its last token too, which nothing has fed yet when a limit or an abort ended the run. */
static void settle_history(struct decode *decode) {
  for (int i = 0; i < decode->session->batch_count; i++) {
    struct lane *lane = &decode->session->lanes[i];
    int32_t pending = decode->generation ? decode->generation->streams[i].pending : -1;
    lane->history = lane->history && decode->history;
    if (lane->history && pending >= 0 && lane->kv.count < (size_t)decode->session->max_context) {
      ids_add(&lane->kv, pending);
    }
  }
}

int decode_finish(struct decode *decode) {
  settle_history(decode);
  timings_log(decode);
  for (int i = 0; i < decode->session->batch_count; i++) {
    decode->delivery.results[i].token_id = -1;
#if ABI_1_2_1
    decode->delivery.results[i].perf = timings_perf(decode);
#endif
  }
  delivery_call(&decode->delivery, RKLLM_RUN_FINISH);
  return 0;
}

int decode_error(struct decode *decode) {
  settle_history(decode);
  log_line('E', "rkllm_run failed");
  for (int i = 0; i < decode->session->batch_count; i++) decode->delivery.results[i].token_id = -1;
  delivery_call(&decode->delivery, RKLLM_RUN_ERROR);
  return -1;
}
