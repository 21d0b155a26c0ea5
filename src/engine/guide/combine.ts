import { Before } from './before.ts';
import type { Grammar, Node, Position, Rest } from './grammar.ts';
import type { Guide, GuideState } from './guide.ts';
import { Literal } from './literal.ts';
import { Readings } from './state.ts';

/** One JSON value, whitespace before it allowed. */
export function value(node: Node, validate: Guide['validate']): Guide {
  const grammar: Grammar = {
    enter: (rest) => [new Before(node, rest, '')],
    shortest: () => node.shortest(null)?.text ?? '',
  };
  return guideOf(grammar, validate);
}

/** Guides of which there is only one text. */
const literals = new WeakSet<Guide>();

/** Exactly this text. */
export function literal(text: string): Guide {
  const word = new Literal([text]);
  const grammar: Grammar = {
    enter: (rest) => (text === '' ? rest.after('') : [word.enter(rest)]),
    shortest: () => text,
  };
  const guide = guideOf(grammar, async (given) => (given === text ? null : `It is not ${text}.`));
  literals.add(guide);
  return guide;
}

/**
 * One part after the other. A text is judged by the rule of its only part that is not literal;
 * where there are more, by its form alone.
 */
export function sequence(...parts: readonly Guide[]): Guide {
  const grammars = parts.map(({ grammar }) => grammar);
  const grammar: Grammar = {
    enter: (rest) => enterFrom(grammars, 0, rest),
    shortest: () => grammars.map((part) => part.shortest()).join(''),
  };
  const free = parts.filter((part) => !literals.has(part));
  const [only] = free;
  const judge = async (text: string) => {
    const problem = formProblem(guide.start, text);
    if (problem !== null || only === undefined || free.length > 1) return problem;
    const at = parts.indexOf(only);
    const head = parts.slice(0, at).reduce((sum, part) => sum + part.grammar.shortest().length, 0);
    const tail = parts.slice(at + 1).reduce((sum, part) => sum + part.grammar.shortest().length, 0);
    return only.validate(text.slice(head, text.length - tail));
  };
  const guide = guideOf(grammar, judge);
  return guide;
}

/** One of several. */
export function choice(...alternatives: readonly Guide[]): Guide {
  const grammar: Grammar = {
    enter: (rest) => alternatives.flatMap((part) => part.grammar.enter(rest)),
    shortest: () =>
      alternatives
        .map((part) => part.grammar.shortest())
        .reduce((least, text) => (text.length < least.length ? text : least)),
  };
  return guideOf(grammar, async (text) => {
    let problem: string | null = null;
    for (const alternative of alternatives) {
      const found = await alternative.validate(text);
      if (found === null) return null;
      problem ??= found;
    }
    return problem;
  });
}

function guideOf(grammar: Grammar, validate: Guide['validate']): Guide {
  let start: GuideState | undefined;
  return {
    grammar,
    validate,
    get start() {
      start ??= Readings.of(grammar);
      return start;
    },
  };
}

function formProblem(start: GuideState, text: string): string | null {
  const { state, accepted } = start.accept(text);
  if (accepted < text.length) return `The character at ${accepted} does not belong there.`;
  return state.complete ? null : 'It ends too early.';
}

function enterFrom(parts: readonly Grammar[], index: number, rest: Rest): readonly Position[] {
  const part = parts[index];
  return part === undefined ? rest.after('') : part.enter(new Following(parts, index + 1, rest));
}

/** What comes after a part of a sequence. */
class Following implements Rest {
  readonly depth = 0;
  readonly taken = null;
  readonly #parts: readonly Grammar[];
  readonly #index: number;
  readonly #rest: Rest;
  #after: readonly Position[] | undefined;

  constructor(parts: readonly Grammar[], index: number, rest: Rest) {
    this.#parts = parts;
    this.#index = index;
    this.#rest = rest;
  }

  after(): readonly Position[] {
    this.#after ??= enterFrom(this.#parts, this.#index, this.#rest);
    return this.#after;
  }

  closing(): string {
    const parts = this.#parts.slice(this.#index).map((part) => part.shortest());
    return parts.join('') + this.#rest.closing('');
  }
}
