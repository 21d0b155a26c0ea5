/** The model's inside: hidden states, for embeddings, and logits, for reranking. */
import type { Matrix, RunRequest } from '../../../rkllm/index.ts';
import { type Assertion, Broken, expectThat, NotTested, type Tested } from '../assertion.ts';
import type { Answer } from '../subject.ts';
import { longText, otherText, shortQuestion } from '../texts.ts';

export const givesHiddenStates: Assertion = {
  id: 'hidden',
  title: 'Hidden states come for every prompt, and tell texts apart',
  async run({ subject, model }) {
    const runtime = await subject();
    const first = await lastRow(runtime, 'hidden', prompt(longText));
    const other = await lastRow(runtime, 'hidden', prompt(otherText));
    const again = await lastRow(runtime, 'hidden', prompt(longText));
    const measured = {
      width: first.length,
      same_text_cosine: rounded(cosine(first, again)),
      other_text_cosine: rounded(cosine(first, other)),
    };
    const { embeddingLength } = model.inspection;
    expectThat(
      embeddingLength === null || embeddingLength === first.length,
      `they have ${first.length} columns, and the file says ${embeddingLength}`,
      measured,
    );
    expectThat(measured.same_text_cosine > 0.999, 'the same text gave another vector', measured);
    expectThat(measured.other_text_cosine < 0.9999, 'two texts gave one vector', measured);
    return measured;
  },
};

/** Prefill and decode round differently: the token need not be the very likeliest. */
const likelyRank = 5;

export const givesLogits: Assertion = {
  id: 'logits',
  title: 'Logits know the token that comes next',
  async run({ subject, model }) {
    const runtime = await subject();
    if (!runtime.capabilities.logits) throw new NotTested('this runtime has none (1.2.0 has)');
    await runtime.switchTemplateOff();
    const start = tokensOf((await runtime.plain(shortQuestion, { maxTokens: 16 })).ids);
    const answer = (await runtime.ask({ input: start, options: {}, maxTokens: 8 })).ids;
    const next = answer.at(-1);
    if (next === undefined) throw new NotTested('the model had nothing to say');
    const row = await lastRow(runtime, 'logits', tokensOf([...start.ids, ...answer.slice(0, -1)]));
    const rank = row.reduce((above, value) => (value > (row[next] ?? 0) ? above + 1 : above), 1);
    const measured = { width: row.length, rank_of_next_token: rank };
    const { vocabSize } = model.inspection;
    expectThat(
      vocabSize === null || row.length >= vocabSize,
      `they have ${row.length} columns, and the vocabulary ${vocabSize} entries`,
      measured,
    );
    const words = `the token that was generated next is only number ${rank} of them`;
    expectThat(rank <= likelyRank, words, measured);
    return measured;
  },
};

function prompt(text: string) {
  return { type: 'prompt', text } as const;
}

function tokensOf(ids: readonly number[]) {
  const known = ids.filter((id) => id >= 0);
  if (known.length === 0) throw new NotTested('there are no tokens to put in');
  return { type: 'tokens', ids: Int32Array.from(known) } as const;
}

async function lastRow(
  runtime: Tested,
  mode: 'hidden' | 'logits',
  input: RunRequest['input'],
): Promise<Float32Array> {
  await runtime.switchTemplateOff();
  // What the cache holds gives no rows (rknn-llm issue 278).
  await runtime.forget();
  const answer = await runtime.ask({ input, options: { mode }, maxTokens: 1 });
  const matrix = lastMatrix(answer);
  const { rows, columns, values } = matrix;
  const row = values.subarray((rows - 1) * columns, rows * columns);
  if (!row.every((value) => Number.isFinite(value))) throw new Broken('some are no numbers');
  if (row.every((value) => value === 0)) throw new Broken('all are zero');
  return row;
}

function lastMatrix({ matrices }: Answer): Matrix {
  const last = matrices.at(-1);
  if (!last) throw new Broken('none came');
  return last;
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) =>
    x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

function rounded(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}
