import { ApplianceError } from '../../../errors.ts';
import type { Model } from '../../../library/index.ts';
import type { EngineService } from '../../services.ts';

export interface Needs {
  tools: boolean;
  thinking: boolean;
  images: boolean;
}

/** The engine puts no image into a run yet: the answer would be about something unseen. */
const engineTakesImages: boolean = false;

/** What a model can do, in Ollama's words. Does not load it. */
export async function capabilitiesOf(
  engine: EngineService,
  model: Model,
): Promise<readonly string[]> {
  if (isEmbedder(model)) return ['embedding'];
  const { tools, thinking, vision } = await engine.capabilities(model.name);
  return [
    'completion',
    ...(tools ? ['tools'] : []),
    ...(thinking ? ['thinking'] : []),
    ...(vision && canSee(model) ? ['vision'] : []),
  ];
}

/** Throws `unsupported` before the model is loaded for nothing. `name`: as the client wrote it. */
export async function assertAble(
  engine: EngineService,
  model: Model,
  name: string,
  { tools, thinking, images }: Needs,
): Promise<void> {
  if (!tools && !thinking && !images) return;
  const able = await engine.capabilities(model.name);
  const refuse = (what: string) => {
    throw new ApplianceError('unsupported', `"${name}" does not support ${what}`);
  };
  if (tools && !able.tools) refuse('tools');
  if (thinking && !able.thinking) refuse('thinking');
  if (images && !(able.vision && canSee(model))) refuse('images');
}

function canSee({ inspection }: Model): boolean {
  return engineTakesImages && inspection.visionEncoder !== null;
}

/** Nothing in a file tells what it was trained for, its name does. */
function isEmbedder({ name, path }: Model): boolean {
  return /embed/i.test(name) || /embed[^/]*$/i.test(path);
}
