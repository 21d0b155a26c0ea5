import { ApplianceError } from '../../../errors.ts';

/** Characters of a pointer that are told. */
const longest = 200;

/** A schema that cannot be guaranteed: which keyword, where (a JSON pointer), and why. */
export function refusal(keyword: string, pointer: string, why: string): ApplianceError {
  const shown = pointer.length > longest ? `${pointer.slice(0, longest)}…` : pointer;
  const place = pointer === '' ? 'at the root' : `at ${shown}`;
  return new ApplianceError('invalid_request', `Schema keyword ${keyword} ${place}: ${why}`);
}

/** One more step of a JSON pointer. */
export function below(pointer: string, ...steps: readonly (string | number)[]): string {
  const escaped = steps.map((step) => String(step).replaceAll('~', '~0').replaceAll('/', '~1'));
  return [pointer, ...escaped].join('/');
}
