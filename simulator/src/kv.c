#include "kv.h"

#include <string.h>

#include "log.h"

size_t kv_common(const struct ids *left, const struct ids *right) {
  size_t shorter = left->count < right->count ? left->count : right->count, same = 0;
  while (same < shorter && left->data[same] == right->data[same]) same++;
  return same;
}

void kv_remove(struct lane *lane, size_t from, size_t to) {
  if (to > lane->kv.count) to = lane->kv.count;
  if (from >= to) return;
  memmove(lane->kv.data + from, lane->kv.data + to, (lane->kv.count - to) * sizeof *lane->kv.data);
  lane->kv.count -= to - from;
  if (from < lane->system_length) lane->system_length = from;
}

bool kv_shift(struct session *session, struct lane *lane, size_t more) {
  size_t total = lane->kv.count, most = (size_t)session->max_context;
  if (total + more <= most) return true;
  size_t keep = session->n_keep > 0 ? (size_t)session->n_keep : 0;
  if (keep > total) keep = total;
  /* At least half of what may go, so that the next tokens do not shift again at once. */
  size_t drop = (total - keep) / 2, needed = total + more - most;
  if (drop < needed) drop = needed;
  if (keep + drop > total || (drop == 0 && more > 0)) {
    log_line('E', "the context is not enough! history_s: %zu, prompt: %zu, max context: %zu", total, more, most);
    return false;
  }
  log_line('I', "context to be full[%zu + %zu], delete the kv cache in [%zu, %zu), total: %zu", total, more, keep,
           keep + drop, total);
  kv_remove(lane, keep, keep + drop);
  return true;
}
