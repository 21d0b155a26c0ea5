/** Embeddings and rerank of one request: one place in the queue, one run per text. */
import { ApplianceError } from '../errors.ts';
import type { RunRequest } from '../rkllm/index.ts';
import type { SilenceLimits } from './inactivity.ts';
import type { NpuQueue } from './npu-queue.ts';
import type { ResidentModel } from './resident-model.ts';
import type { EmbeddingRequest, Embeddings, Ranking, RerankRequest } from './types.ts';
import { unlessAborted } from './unless-aborted.ts';
import { lastRow, normalized, rerankPrompt, yesProbability } from './vectors.ts';

interface Turn {
  queueMs: number;
  loadMs: number;
}

export class Vectors {
  readonly #queue: NpuQueue;
  readonly #limits: SilenceLimits;

  constructor(queue: NpuQueue, limits: SilenceLimits) {
    this.#queue = queue;
    this.#limits = limits;
  }

  async embed(
    model: ResidentModel,
    { inputs, dimensions, overflow, client }: EmbeddingRequest,
    signal: AbortSignal,
  ): Promise<Embeddings> {
    const began = performance.now();
    return this.#inTurn(model, client, signal, async (turn, cancelled) => {
      const vectors: Float32Array[] = [];
      let promptTokens = 0;
      for (const [index, text] of inputs.entries()) {
        cancelled.throwIfAborted();
        const told = { text, overflow: overflow ?? 'truncate', index };
        const { row, tokens } = await this.#hiddenRow(model, told, cancelled);
        vectors.push(normalized(row, dimensions));
        promptTokens += tokens;
      }
      const timings = { ...turn, totalMs: performance.now() - began };
      return { model: model.file.name, vectors, promptTokens, timings };
    });
  }

  async rerank(
    model: ResidentModel,
    { query, documents, instruction, client }: RerankRequest,
    signal: AbortSignal,
  ): Promise<Ranking> {
    if (!model.capabilities.logits) {
      throw new ApplianceError('unsupported', 'Reranking needs librkllmrt.so 1.2.0 or later.');
    }
    const [yes, no] = await Promise.all(['yes', 'no'].map((word) => answerToken(model, word)));
    if (yes === undefined || no === undefined) throw noTokenizer(model);
    return this.#inTurn(model, client, signal, async (_turn, cancelled) => {
      const results: { index: number; score: number }[] = [];
      let promptTokens = 0;
      for (const [index, document] of documents.entries()) {
        cancelled.throwIfAborted();
        const text = rerankPrompt(query, document, instruction);
        const { input, tokens } = await textInput(model, { text, overflow: 'error', index });
        const row = await lastRow(model, 'logits', input, this.#limits, cancelled);
        results.push({ index, score: yesProbability(row, yes, no) });
        promptTokens += tokens;
      }
      results.sort((a, b) => b.score - a.score);
      return { model: model.file.name, results, promptTokens };
    });
  }

  /** Without a tokenizer a text may be longer than it looks: then less and less of it. */
  async #hiddenRow(model: ResidentModel, text: Text, cancelled: AbortSignal) {
    for (let share = 1; ; share *= 0.7) {
      const { input, tokens } = await textInput(model, text, share);
      try {
        const row = await lastRow(model, 'hidden', input, this.#limits, cancelled);
        return { row, tokens };
      } catch (error) {
        const isTooLong =
          error instanceof ApplianceError && error.code === 'context_length_exceeded';
        const canBeCut = input.type === 'prompt' && text.overflow === 'truncate' && share > 0.1;
        if (!isTooLong || !canBeCut) throw error;
      }
    }
  }

  async #inTurn<T>(
    model: ResidentModel,
    client: string | undefined,
    signal: AbortSignal,
    work: (turn: Turn, cancelled: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const cancelled = AbortSignal.any([signal, model.gone.signal]);
    const queuedAt = performance.now();
    const ticket = this.#queue.join({ model: model.file.name, client, signal: cancelled });
    try {
      await ticket.turn;
      const startedAt = performance.now();
      await unlessAborted(model.ready(), cancelled);
      const loadedAt = performance.now();
      return await work({ queueMs: startedAt - queuedAt, loadMs: loadedAt - startedAt }, cancelled);
    } finally {
      ticket.release();
    }
  }
}

interface Text {
  text: string;
  overflow: 'truncate' | 'error';
  /** Which one of the request's. */
  index: number;
}

/** What goes in for one text, or for a share of it; cut, or refused, where it is too long. */
async function textInput(
  { prompter, contextLength }: ResidentModel,
  { text, overflow, index }: Text,
  share = 1,
): Promise<{ input: RunRequest['input']; tokens: number }> {
  const most = contextLength - 1;
  const { ids, tokensAtMost } = await prompter.renderPlain(text, 'whole');
  if (ids ? ids.length === 0 : text === '') {
    throw new ApplianceError('invalid_request', `Text ${index + 1} is empty: it has no vector.`);
  }
  if (tokensAtMost > most && overflow === 'error') {
    const count = ids ? `${ids.length}` : `about ${tokensAtMost}`;
    throw new ApplianceError(
      'context_length_exceeded',
      `Text ${index + 1} has ${count} tokens, the model's context is ${contextLength}.`,
    );
  }
  const tokens = Math.min(tokensAtMost, most);
  if (ids && ids.length <= most) return { input: { type: 'tokens', ids }, tokens };
  if (ids) {
    // The end that the tokenizer adds stays: the vector is read from its row.
    const { ids: open = ids } = await prompter.renderPlain(text, 'beginning');
    const end = ids.slice(open.length);
    const cut = Int32Array.of(...open.slice(0, most - end.length), ...end);
    return { input: { type: 'tokens', ids: cut }, tokens };
  }
  const length = Math.floor((share * text.length * tokens) / tokensAtMost);
  return { input: { type: 'prompt', text: text.slice(0, length) }, tokens };
}

/** The id of a word that the tokenizer knows as one token. */
async function answerToken(model: ResidentModel, word: string): Promise<number | undefined> {
  const ids = await model.prompter.tokenize(word);
  return ids?.length === 1 ? ids[0] : undefined;
}

function noTokenizer({ file }: ResidentModel): ApplianceError {
  return new ApplianceError(
    'unsupported',
    `Reranking with ${file.name} needs its tokenizer.json, which is not beside the model. ` +
      'Pull the model again, or copy the file into its folder.',
  );
}
