/** The runtimes of this machine beside the releases that there are, held against the models. */
import { ApplianceError } from '../../errors.ts';
import { glanceAtModels, problemOf, syncFolder, writeDurably } from '../../library/index.ts';
import { findRuntime, type RuntimeLibrary, type RuntimeVersion } from '../../rkllm/index.ts';
import {
  bestFit,
  type Fit,
  fitOf,
  type ModelNeeds,
  publishedDigests,
  RuntimeStore,
  releases,
} from '../../runtimes/index.ts';
import type { Installation } from '../installation.ts';

export interface RuntimeRow extends Fit {
  /** Path of the installed file; null where it is not installed. */
  path: string | null;
  /** Kinds of digests that prove it. */
  provenBy: readonly string[];
}

export interface Overview {
  folder: string;
  /** What the daemon finds at its next start; null with the reason. */
  inUse: RuntimeLibrary | null;
  whyNone: string | null;
  /** True when what is in use was chosen by what the models need. */
  automatic: boolean;
  models: readonly ModelNeeds[];
  rows: readonly RuntimeRow[];
  /** The release that serves these models best. */
  best: RuntimeVersion | null;
}

export function storeOf({ home }: Installation): RuntimeStore {
  return new RuntimeStore(home, { writeDurably, syncFolder });
}

/** What the models on disk ask of a runtime. */
export async function needsOf({ models: folder }: Installation): Promise<ModelNeeds[]> {
  const { models } = await glanceAtModels(folder, { platform: null, runtimeVersion: null });
  return models
    .filter(({ problem }) => problem === null)
    .map(({ name, inspection }) => ({
      name,
      toolkitVersion: inspection.toolkitVersion,
      refusal: (runtimeVersion) => problemOf(inspection, { platform: null, runtimeVersion }),
    }));
}

/** The runtime that a daemon with this configuration uses. Throws `runtime_not_found` and the like. */
export function runtimeInUse({ config, home, environment }: Installation): Promise<RuntimeLibrary> {
  return findRuntime({
    path: config.runtimeLibrary,
    home,
    loaderPath: environment['LD_LIBRARY_PATH'],
    abiOverride: config.runtimeAbi,
  });
}

export async function overviewOf(installation: Installation): Promise<Overview> {
  const store = storeOf(installation);
  const [installed, models, selection, used] = await Promise.all([
    store.installed(),
    needsOf(installation),
    store.selection().catch(() => null),
    runtimeInUse(installation).catch((error: unknown) => {
      if (error instanceof ApplianceError) return error;
      throw error;
    }),
  ]);
  const inUse = used instanceof ApplianceError ? null : used;
  return {
    folder: store.folder,
    inUse,
    whyNone: used instanceof ApplianceError ? used.message : null,
    automatic: selection?.automatic ?? false,
    models,
    rows: releases.map((release) => ({
      ...fitOf(release.version, models),
      path: installed.find(({ version }) => version === release.version)?.path ?? null,
      provenBy: publishedDigests(release),
    })),
    best:
      bestFit(
        releases.map(({ version }) => version),
        models,
      )?.version ?? null,
  };
}
