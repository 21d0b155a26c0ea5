/** Stopping a run. */
import { type Assertion, Broken, expectThat, NotTested } from '../assertion.ts';
import { longTask, shortQuestion } from '../texts.ts';

/** An abort acts at the next token (rknn-llm issue 400); a token never takes as long as this. */
const longestMs = 5000;
const tokensBefore = 3;
/** Tokens that may still be generated: the one that is, its successor, and what takes time to arrive. */
const tokensAfter = 4;
const arrivalMs = 100;
const runTokens = 900;

export const stopsAtAbort: Assertion = {
  id: 'abort',
  title: 'rkllm_abort ends a run at the next token, and the next run works',
  async run({ subject }) {
    const runtime = await subject();
    let abortedAt = 0;
    let seen = 0;
    let timer: NodeJS.Timeout | undefined;
    let isIgnored = false;
    const answer = await runtime
      .question(longTask, runTokens, (run, tokens) => {
        if (tokens < tokensBefore || abortedAt > 0) return;
        abortedAt = performance.now();
        seen = tokens;
        run.abort();
        timer = setTimeout(() => {
          isIgnored = true;
          runtime.kill();
        }, longestMs);
      })
      .catch((error: unknown) => {
        if (isIgnored) throw new Broken(`the run still went on ${longestMs} ms later`);
        throw error;
      })
      .finally(() => clearTimeout(timer));
    const ms = Math.round(performance.now() - abortedAt);
    const { counters } = answer;
    if (abortedAt === 0 || answer.ending === 'end' || counters === null) {
      throw new NotTested(
        counters ? 'the answer ended before it could be stopped' : 'this runtime tells no counters',
      );
    }
    const after = Math.max(0, counters.decodeTokens - seen);
    const perTokenMs = counters.decodeMs / Math.max(1, counters.decodeTokens);
    const measured = { ms, tokens_after: after, ms_per_token: Math.round(perTokenMs * 10) / 10 };
    expectThat(
      after <= tokensAfter + arrivalMs / perTokenMs,
      `${after} more tokens were generated`,
      measured,
    );
    await runtime.forget();
    const next = await runtime.question(shortQuestion, 8);
    expectThat(next.tokens > 0, 'the next run gave nothing', measured);
    return measured;
  },
};
