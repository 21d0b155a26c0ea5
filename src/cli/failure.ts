/** Exit codes of `rkllama`; docs/CLI.md tells users. */
export const exitCodes = {
  ok: 0,
  /** What a shell reports of a program whose reader is gone. */
  closedPipe: 141,
  failure: 1,
  usage: 2,
  unreachable: 3,
  not_found: 4,
  refused: 5,
  interrupted: 130,
} as const;

/** For people. */
export const exitMeanings: readonly (readonly [number, string])[] = [
  [exitCodes.ok, 'Done.'],
  [exitCodes.failure, 'It failed; stderr says why.'],
  [exitCodes.usage, 'The command line is wrong.'],
  [exitCodes.unreachable, 'The daemon does not answer.'],
  [exitCodes.not_found, 'There is no such model, key or setting.'],
  [exitCodes.refused, 'Not allowed: no API key, a wrong one, or one without the scope.'],
  [exitCodes.interrupted, 'Ctrl-C.'],
  [exitCodes.closedPipe, 'The reader of the output has gone (| head).'],
];

export type FailureKind = Exclude<keyof typeof exitCodes, 'ok' | 'closedPipe'>;

/** What a command failed at, and what to do next. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly kind: FailureKind;
  /** The next step, a sentence or commands; on lines of its own. */
  readonly hint: string | undefined;

  constructor(kind: FailureKind, message: string, hint?: string) {
    super(message);
    this.kind = kind;
    this.hint = hint;
  }
}

/** A failure for programs, on one line of stderr. */
export function errorDocument({
  kind,
  message,
  hint,
}: Pick<CliError, 'kind' | 'message'> & { hint?: string | undefined }): string {
  return JSON.stringify({ error: { code: kind, message, hint: hint ?? null } });
}
