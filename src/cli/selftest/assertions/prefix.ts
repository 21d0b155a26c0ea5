/** What the runtime keeps in its KV cache between runs: where a board's time goes. */
import { type Assertion, expectThat, NotTested, type Tested } from '../assertion.ts';
import { prefilled } from '../subject.ts';
import { firstEnding, longText, otherText, secondEnding } from '../texts.ts';

/** A prompt whose beginning is known may compute this share of it again. */
const fewShare = 0.3;

export const reusesPrefix: Assertion = {
  id: 'prefix',
  title: 'A prompt that begins like the one before computes only its rest',
  async run({ subject }) {
    const runtime = await subject();
    needsPrefixes(runtime);
    await runtime.switchTemplateOff();
    await runtime.forget();
    const cold = await runtime.plain(longText + firstEnding);
    const warm = await runtime.plain(longText + secondEnding);
    const again = await runtime.plain(longText + secondEnding);
    const measured = {
      cold_tokens: prefilled(cold),
      warm_tokens: prefilled(warm),
      repeated_tokens: prefilled(again),
      cold_ms: Math.round(cold.totalMs),
      warm_ms: Math.round(warm.totalMs),
    };
    const { cold_tokens, warm_tokens } = measured;
    expectThat(
      warm_tokens <= fewShare * cold_tokens,
      `${warm_tokens} of ${cold_tokens} tokens were computed again`,
      measured,
    );
    expectThat(
      prefilled(again) <= 1,
      `the very same prompt computed ${prefilled(again)} tokens`,
      measured,
    );
    return measured;
  },
};

export const clearsCache: Assertion = {
  id: 'clear',
  title: 'rkllm_clear_kv_cache forgets everything',
  async run({ subject }) {
    const runtime = await subject();
    needsPrefixes(runtime);
    await runtime.switchTemplateOff();
    await runtime.forget();
    const cold = prefilled(await runtime.plain(longText));
    await runtime.forget();
    const cleared = prefilled(await runtime.plain(longText));
    const measured = { cold_tokens: cold, after_clear_tokens: cleared };
    const words = `after it ${cleared} of ${cold} tokens were computed`;
    // 751 and 752 were seen of one prompt (1.3.0).
    expectThat(Math.abs(cold - cleared) <= 1, words, measured);
    return measured;
  },
};

export const tellsCacheSize: Assertion = {
  id: 'kv-size',
  title: 'rkllm_get_kv_cache_size tells how much the cache holds',
  async run({ subject }) {
    const runtime = await subject();
    if (!runtime.capabilities.kvCacheSize) {
      throw new NotTested('this runtime does not tell it (1.2.1 does)');
    }
    await runtime.switchTemplateOff();
    await runtime.forget();
    const empty = await runtime.kvEntries();
    const answer = await runtime.plain(otherText, { maxTokens: 4 });
    const entries = answer.kvEntries ?? -1;
    const tokens = prefilled(answer) + answer.tokens;
    const measured = { empty, prompt_and_answer_tokens: tokens, entries };
    expectThat(empty === 0, `an empty cache has ${empty} entries`, measured);
    // Whether the last token counts is not documented.
    expectThat(
      Math.abs(entries - tokens) <= 2,
      `after ${tokens} tokens it has ${entries} entries`,
      measured,
    );
    return measured;
  },
};

function needsPrefixes({ capabilities }: Tested): void {
  if (!capabilities.clearKvCache) {
    throw new NotTested('this runtime keeps no prefixes (1.2.0 does)');
  }
}
