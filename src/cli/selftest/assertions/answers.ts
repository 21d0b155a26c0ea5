/** Answers: that they come, end, and keep to their limit. */
import { type Assertion, Broken, expectThat, NotTested } from '../assertion.ts';
import { prefilled } from '../subject.ts';
import { longTask, shortQuestion } from '../texts.ts';

/** More than a short answer needs, even of a model that thinks first. */
const enoughTokens = 600;
const limit = 5;

export const endsByItself: Assertion = {
  id: 'eos',
  title: 'An answer ends by itself, at the end-of-sequence token',
  async run({ subject, model }) {
    const answer = await (await subject()).question(shortQuestion, enoughTokens);
    const measured = { tokens: answer.tokens };
    if (answer.ending === 'end') return measured;
    const at = answer.ids.findIndex((id) => model.inspection.eosTokenIds.includes(id));
    throw new Broken(
      at < 0
        ? `the answer went on to the limit of ${enoughTokens} tokens (a model that thinks for long may need more)`
        : `token ${answer.ids[at]} ends the sequence; it came as number ${at + 1}, and the runtime went on`,
      measured,
    );
  },
};

export const answersText: Assertion = {
  id: 'text',
  title: 'An answer is whole text, one callback for each token',
  async run({ subject }) {
    const runtime = await subject();
    await runtime.forget();
    const answer = await runtime.question(shortQuestion, 64);
    expectThat(answer.text.trim() !== '', 'the answer is empty', { tokens: answer.tokens });
    expectThat(!answer.text.includes('\uFFFD'), 'the answer has broken characters');
    const { counters } = answer;
    const measured = {
      tokens: answer.tokens,
      first_token_ms: Math.round(answer.firstTokenMs ?? 0),
      ...(counters && {
        prefill_tokens_per_s: perSecond(counters.prefillTokens, counters.prefillMs),
        decode_tokens_per_s: perSecond(counters.decodeTokens, counters.decodeMs),
        ...(counters.memoryMb !== null && { memory_mb: Math.round(counters.memoryMb) }),
      }),
    };
    const counted = counters?.decodeTokens ?? answer.tokens;
    const words = `the runtime counted ${counted} tokens, and ${answer.tokens} came`;
    // The first token may count to prefill, and the last is the end of the sequence.
    expectThat(Math.abs(counted - answer.tokens) <= 2, words, measured);
    return measured;
  },
};

export const keepsLimit: Assertion = {
  id: 'limit',
  title: 'A token limit ends a run at that token',
  async run({ subject }) {
    const answer = await (await subject()).question(longTask, limit);
    const measured = { limit, tokens: answer.tokens };
    expectThat(answer.tokens <= limit, `${answer.tokens} tokens came`, measured);
    if (answer.ending === 'end') throw new NotTested('the answer ended before the limit');
    expectThat(
      answer.ending === 'limit' && answer.tokens === limit,
      'it ended otherwise',
      measured,
    );
    return measured;
  },
};

export const takesTokens: Assertion = {
  id: 'tokens',
  title: 'Token input goes in as it is, with no template around it',
  async run({ subject }) {
    const runtime = await subject();
    const { ids } = await runtime.question(shortQuestion, 16);
    const input = Int32Array.from(ids.filter((id) => id >= 0));
    if (input.length === 0) throw new NotTested('there are no tokens to put in');
    await runtime.forget();
    const answer = await runtime.ask({
      input: { type: 'tokens', ids: input },
      options: {},
      maxTokens: 4,
    });
    const measured = { put_in: input.length, prefilled: prefilled(answer) };
    expectThat(
      // A beginning-of-sequence token may come before them.
      [0, 1].includes(measured.prefilled - measured.put_in),
      `${measured.put_in} tokens were put in, and ${measured.prefilled} were computed`,
      measured,
    );
    return measured;
  },
};

function perSecond(tokens: number, ms: number): number {
  return ms > 0 ? Math.round((tokens / ms) * 10_000) / 10 : 0;
}
