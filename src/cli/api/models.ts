import * as z from 'zod';
import type { Client } from '../client/client.ts';
import { shortName } from '../short-name.ts';

const tags = z.object({
  models: z.array(
    z.object({
      name: z.string(),
      modified_at: z.string(),
      size: z.number(),
      digest: z.string(),
      details: z.object({
        family: z.string(),
        parameter_size: z.string(),
        quantization_level: z.string(),
      }),
      problem: z.string().optional(),
    }),
  ),
});

const current = z.object({
  models: z.array(
    z.object({
      name: z.string(),
      size: z.number(),
      state: z.string(),
      context_length: z.number().nullable(),
      loaded_at: z.string(),
      expires_at: z.string().nullable(),
    }),
  ),
});

export interface ModelOnDisk {
  name: string;
  modified_at: string;
  size: number;
  digest: string;
  details: { family: string; parameter_size: string; quantization_level: string };
  /** Why it cannot be loaded. */
  problem?: string | undefined;
}

export type LoadedModel = z.output<typeof current>['models'][number];

/** All models on disk, by name, without the tag that all have. */
export async function modelsOnDisk(client: Client): Promise<ModelOnDisk[]> {
  const { models } = await client.get('/api/tags', tags);
  return models
    .map((model) => ({ ...model, name: shortName(model.name) }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

export async function loadedModels(client: Client): Promise<LoadedModel[]> {
  const { models } = await client.get('/current_models', current);
  return models.map((model) => ({ ...model, name: shortName(model.name) }));
}
