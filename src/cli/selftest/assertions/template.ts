/** The chat template inside the model file. */
import { type Assertion, expectThat, NotTested } from '../assertion.ts';
import { prefilled } from '../subject.ts';
import { shortQuestion } from '../texts.ts';

export const appliesTemplate: Assertion = {
  id: 'template',
  title: 'Text gets the template inside the file, and none after an empty one was set',
  async run({ subject, model }) {
    const runtime = await subject();
    if (!runtime.capabilities.chatTemplate) {
      throw new NotTested('this runtime has no function for templates (1.2.0 has)');
    }
    await runtime.forget();
    const own = prefilled(await runtime.question(shortQuestion, 1));
    await runtime.switchTemplateOff();
    await runtime.forget();
    const none = prefilled(await runtime.question(shortQuestion, 1));
    const measured = { own_template_tokens: own, no_template_tokens: none };
    if (own === none && model.inspection.chatTemplate === null) {
      throw new NotTested('the file has no template');
    }
    expectThat(
      own > none,
      `the question has ${own} tokens with the template inside the file and ${none} with an empty one`,
      measured,
    );
    return measured;
  },
};

export const keepsHistory: Assertion = {
  id: 'history',
  title: 'keep_history goes on from what was said before',
  async run({ subject }) {
    const runtime = await subject();
    if (!runtime.capabilities.keepHistory) {
      throw new NotTested('this runtime has no keep_history (1.2.0 has)');
    }
    if (!runtime.capabilities.kvCacheSize) {
      throw new NotTested('this runtime does not tell the size of its cache (1.2.1 does)');
    }
    await runtime.forget();
    const options = { keepHistory: true };
    const turn = (text: string) =>
      runtime.ask({ input: { type: 'prompt', text }, options, maxTokens: 8 });
    const first = await turn(shortQuestion);
    const second = await turn(shortQuestion);
    await runtime.forget();
    const [before, after] = [first.kvEntries ?? 0, second.kvEntries ?? 0];
    const measured = { kv_after_first: before, kv_after_second: after };
    const least = before + prefilled(second);
    expectThat(
      after >= least && prefilled(second) > 0,
      `the cache has ${after} entries after the second turn; ${least} were expected at least`,
      measured,
    );
    return measured;
  },
};
