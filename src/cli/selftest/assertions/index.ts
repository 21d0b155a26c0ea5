import type { Assertion } from '../assertion.ts';
import { stopsAtAbort } from './abort.ts';
import { answersText, endsByItself, keepsLimit, takesTokens } from './answers.ts';
import { clearsCache, reusesPrefix, tellsCacheSize } from './prefix.ts';
import { restoresPromptCache } from './prompt-cache.ts';
import { servesTwoModels } from './second-model.ts';
import { appliesTemplate, keepsHistory } from './template.ts';
import { givesHiddenStates, givesLogits } from './vectors.ts';

/**
 * In this order: those that need the template inside the file come first, because it cannot be
 * switched on again.
 */
export const assertions: readonly Assertion[] = [
  answersText,
  endsByItself,
  keepsLimit,
  takesTokens,
  keepsHistory,
  stopsAtAbort,
  appliesTemplate,
  reusesPrefix,
  clearsCache,
  tellsCacheSize,
  restoresPromptCache,
  givesHiddenStates,
  givesLogits,
  servesTwoModels,
];
