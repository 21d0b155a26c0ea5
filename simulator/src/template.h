/* The runtime's own chat template: three strings around one user turn (RKLLM fact sheet, section 2.4). */
#ifndef SIM_TEMPLATE_H
#define SIM_TEMPLATE_H

#include "session.h"

/* Writes the system prompt (first turn only) and the user's or tool's turn. */
void template_render(const struct session *session, const char *content, bool from_tool, bool thinking, bool first_turn,
                     struct text *system, struct text *turn);
/* The last user message inside a rendered prompt; the whole prompt where no turn is recognised. */
void template_last_user_turn(const struct session *session, const struct text *rendered, struct text *out);

#endif
