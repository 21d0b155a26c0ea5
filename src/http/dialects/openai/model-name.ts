import { ApplianceError } from '../../../errors.ts';
import type { HttpServices } from '../../services.ts';
import { ParameterError } from './errors.ts';

type Services = Pick<HttpServices, 'engine' | 'catalogue'>;

interface Named {
  model?: string | null | undefined;
  models?: readonly string[] | null | undefined;
}

/**
 * The name of the model that is asked: the first that there is. Without a name it is the one that
 * was loaded last, or the only one on disk. Throws `model_not_found`, ... with the parameter's name.
 */
export function modelFor({ engine, catalogue }: Services, { model, models }: Named): string {
  const names = [model, ...(models ?? [])].filter((name) => typeof name === 'string' && name);
  const problems: unknown[] = [];
  for (const name of names) {
    try {
      return catalogue.find(name ?? '').name;
    } catch (error) {
      problems.push(error);
    }
  }
  if (problems.length > 0) throw blamed(problems[0]);
  const current = engine.current();
  if (current) return current.name;
  const [only, another] = catalogue.models().filter(({ problem }) => problem === null);
  if (only && !another) return only.name;
  throw new ParameterError(
    'invalid_request',
    'model',
    'model: expected the name of a model. GET /v1/models lists them.',
  );
}

function blamed(error: unknown): unknown {
  if (!(error instanceof ApplianceError)) return error;
  return new ParameterError(error.code, 'model', error.message, error);
}
