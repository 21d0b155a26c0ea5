/* Monotonic time in milliseconds, and waiting by it. */
#ifndef SIM_CLOCK_H
#define SIM_CLOCK_H

double clock_ms(void);
/* Returns at once when the moment has passed. */
void clock_wait_until(double moment_ms);
void clock_wait(double duration_ms);
void clock_wait_forever(void) __attribute__((noreturn));

#endif
