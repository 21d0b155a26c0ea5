/** Two models in memory. */
import { type Assertion, expectThat, NotTested } from '../assertion.ts';
import { shortQuestion } from '../texts.ts';

export const servesTwoModels: Assertion = {
  id: 'two-models',
  title: 'Two loaded models answer in turn as one does alone',
  async run({ subject, another, availableBytes, neededBytes }) {
    const available = await availableBytes();
    if (available !== null && available < neededBytes) {
      const [has, needs] = [available, neededBytes].map((bytes) => Math.round(bytes / 1e6));
      throw new NotTested(`a second one needs about ${needs} MB, and ${has} MB are free`);
    }
    const first = await subject();
    const ask = (runtime: typeof first) =>
      runtime
        .forget()
        .then(() => runtime.plain(shortQuestion, { maxTokens: 12 }))
        .then(({ ids }) => ids.join());
    const alone = await ask(first);
    const second = await another();
    try {
      const answers = [await ask(second), await ask(first), await ask(second)];
      const different = answers.filter((answer) => answer !== alone).length;
      const measured = { answers: answers.length + 1, second_load_ms: Math.round(second.loadMs) };
      const words = `${different} of ${answers.length} answers were others than alone`;
      expectThat(different === 0, words, measured);
      return measured;
    } finally {
      await second.end();
    }
  },
};
