import { FormRefusal } from '../../../engine/index.ts';
import { ParameterError } from './errors.ts';

const fields = { format: 'response_format', tools: 'tools', toolChoice: 'tool_choice' } as const;

/** Throws the error, with the field of the request that it is about. */
export function blamed(error: unknown): never {
  if (!(error instanceof FormRefusal)) throw error;
  const field = fields[error.field];
  throw new ParameterError(error.code, field, `${field}: ${error.message}`, error);
}
