/** Which runtime fits the models best. */
import { type RuntimeVersion, runtimeVersions } from '../rkllm/index.ts';

/** What the choice needs to know of a model. */
export interface ModelNeeds {
  name: string;
  /** Version of rkllm-toolkit that converted it; null where the file does not tell. */
  toolkitVersion: string | null;
  /** Why this version of the runtime would refuse the file; null when it would not. */
  refusal(version: RuntimeVersion): string | null;
}

/** How well one version serves the models. */
export interface Fit {
  version: RuntimeVersion;
  /** Models that it cannot load. */
  refused: readonly string[];
  /** Models that it loads and has a known fault with. */
  faulty: readonly string[];
}

export function fitOf(version: RuntimeVersion, models: readonly ModelNeeds[]): Fit {
  const loaded = models.filter((model) => model.refusal(version) === null);
  return {
    version,
    refused: models.filter((model) => !loaded.includes(model)).map(({ name }) => name),
    faulty: loaded.filter((model) => faultWith(version, model) !== null).map(({ name }) => name),
  };
}

/** A fault of a release with files of some toolkits, in a sentence; null when none is known. */
export function faultWith(
  version: RuntimeVersion,
  { toolkitVersion }: Pick<ModelNeeds, 'toolkitVersion'>,
): string | null {
  return version === '1.3.0' && toolkitVersion?.startsWith('1.2.')
    ? '1.3.0 does not see the end of answers of models from toolkit 1.2 (rknn-llm issue 534); 1.3.1 does.'
    : null;
}

/**
 * The version among `candidates` that loads the most models, has the fewest faults with them, is no
 * beta, and is the newest. Files of older toolkits load on newer runtimes. Null without candidates.
 */
export function bestFit(
  candidates: readonly RuntimeVersion[],
  models: readonly ModelNeeds[],
): Fit | null {
  const fits = candidates.map((version) => fitOf(version, models));
  const [best = null] = fits.sort(
    (a, b) =>
      a.refused.length - b.refused.length ||
      a.faulty.length - b.faulty.length ||
      Number(isBeta(a)) - Number(isBeta(b)) ||
      runtimeVersions.indexOf(b.version) - runtimeVersions.indexOf(a.version),
  );
  return best;
}

function isBeta({ version }: Fit): boolean {
  return version.includes('b');
}
