/** Prompt caches on disk. */
import { stat } from 'node:fs/promises';
import { type Assertion, expectThat } from '../assertion.ts';
import { prefilled } from '../subject.ts';
import { longText, secondEnding } from '../texts.ts';

export const restoresPromptCache: Assertion = {
  id: 'prompt-cache',
  title: 'A prompt cache saved to disk spares another process the prompt',
  async run({ subject, another, file }) {
    const path = file('prompt.cache');
    const saver = await subject();
    await saver.switchTemplateOff();
    await saver.forget();
    const cold = prefilled(await saver.plain(longText, { options: { savePromptCache: path } }));
    const sizeBytes = (await stat(path).catch(() => null))?.size ?? 0;
    expectThat(sizeBytes > 0, 'no file was written');
    const loader = await another();
    try {
      await loader.switchTemplateOff();
      const began = performance.now();
      await loader.call({ method: 'loadPromptCache', path });
      const loadMs = performance.now() - began;
      const warm = prefilled(await loader.plain(longText + secondEnding));
      await loader.call({ method: 'releasePromptCache' });
      const measured = {
        file_kb: Math.round(sizeBytes / 1000),
        load_ms: Math.round(loadMs),
        cold_tokens: cold,
        warm_tokens: warm,
      };
      const words = `${warm} tokens were computed with it, ${cold} without`;
      expectThat(warm <= 0.3 * cold, words, measured);
      return measured;
    } finally {
      await loader.end();
    }
  },
};
