/* The runtime's messages. All go to stdout and are flushed (RKLLM fact sheet, section 2.9). */
#ifndef SIM_LOG_H
#define SIM_LOG_H

/* RKLLM_LOG_LEVEL, as it was at the last rkllm_init. */
int log_level(void);
void log_read_level(void);

/* "I rkllm: ...". */
void log_line(char severity, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Lines of the embedded NPU runtime: "E RKNN: ...". */
void log_rknn(char severity, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Lines without a prefix. */
void log_bare(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
