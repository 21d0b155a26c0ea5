#include "template.h"

#include <string.h>

static void render_system(const struct session *session, struct text *out) {
  const struct model *model = &session->model;
  if (session->custom_template) {
    text_add_string(out, session->system);
  } else if (session->tools) {
    /* Which words the runtime wraps around the tools is not known; these are in the manner of Qwen. */
    text_format(out, "<|im_start|>system\n%s\n\nTools that can be called:\n<tools>\n%s\n</tools><|im_end|>\n",
                session->tools_system, session->tools);
  } else if (model->template_system) {
    text_add_string(out, model->template_system);
  }
}

void template_render(const struct session *session, const char *content, bool from_tool, bool thinking, bool first_turn,
                     struct text *system, struct text *turn) {
  const struct model *model = &session->model;
  bool custom = session->custom_template;
  const char *prefix = custom ? session->prefix : model->template_prefix;
  const char *postfix = custom ? session->postfix : model->template_postfix;
  if (first_turn) render_system(session, system);
  text_add_string(turn, prefix ? prefix : "");
  if (from_tool && !custom && session->tool_response) {
    text_format(turn, "<%s>\n%s\n</%s>", session->tool_response, content, session->tool_response);
  } else {
    text_add_string(turn, content);
  }
  text_add_string(turn, postfix ? postfix : "");
  if (!custom && prefix && model->thinking && !thinking) text_add_string(turn, "<think>\n\n</think>\n\n");
}

static const char *last_of(const char *text, const char *mark) {
  const char *found = NULL;
  for (const char *at = text; (at = strstr(at, mark)); at++) found = at;
  return found;
}

void template_last_user_turn(const struct session *session, const struct text *rendered, struct text *out) {
  if (!rendered->length) return;
  const char *marks[] = {session->custom_template ? session->prefix : session->model.template_prefix,
                         "<|im_start|>user\n",
                         "<|start_header_id|>user<|end_header_id|>\n\n",
                         "<start_of_turn>user\n",
                         "<|user|>\n",
                         "User: "};
  static const char *const ends[] = {"<|im_end|>", "<|eot_id|>", "<end_of_turn>", "</s>", "<|end|>", "\nAssistant:"};
  const char *start = NULL;
  for (size_t i = 0; !start && i < sizeof marks / sizeof *marks; i++) {
    if (!marks[i] || !*marks[i]) continue;
    start = last_of(rendered->data, marks[i]);
    if (start) start += strlen(marks[i]);
  }
  if (!start) start = rendered->data;
  size_t length = strlen(start);
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    const char *end = strstr(start, ends[i]);
    if (end && (size_t)(end - start) < length) length = (size_t)(end - start);
  }
  text_add(out, start, length);
}
