/** Chat templates are Jinja; this renders one, without anything of the machine that it runs on. */
import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import { formatDate } from './format-date.ts';
import { TemplateRefusal } from './template-refusal.ts';

/** More than any template counts to; a loop over more would hold up the board. */
const longestRange = 100_000;

export class JinjaTemplate {
  readonly source: string;
  readonly #program: ReturnType<typeof parse>;

  /** Throws what the parser throws for a text that is no Jinja. */
  constructor(source: string) {
    this.source = source;
    this.#program = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }));
  }

  /** Throws `TemplateRefusal`, and anything else for a template that is broken. */
  render(variables: Readonly<Record<string, unknown>>, date: Date): string {
    const environment = new Environment();
    const globals = {
      ...constants,
      raise_exception: (words: unknown) => {
        throw new TemplateRefusal(String(words));
      },
      range,
      strftime_now: (format: unknown) => formatDate(date, String(format)),
    };
    for (const [name, value] of Object.entries({ ...globals, ...variables })) {
      environment.set(name, value);
    }
    return String(new Interpreter(environment).run(this.#program).value);
  }
}

const constants = { true: true, True: true, false: false, False: false, none: null, None: null };

function range(first: unknown, second?: unknown, third?: unknown): number[] {
  const [start, stop] = second === undefined ? [0, Number(first)] : [Number(first), Number(second)];
  const step = third === undefined ? 1 : Number(third);
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (!(length <= longestRange)) throw new Error(`range() over ${length} numbers`);
  return Array.from({ length }, (_, i) => start + i * step);
}
