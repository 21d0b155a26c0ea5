import { JS } from 'refa';
import { type Budget, type Machine, otherThan } from './machine.ts';
import { type Alternatives, RegexRefusal, searchMachine } from './nfa.ts';

/**
 * The strings in which `pattern` is found, as automata that all have to agree.
 * Throws RegexRefusal in words that follow "The pattern cannot be guaranteed:".
 */
export function machinesOf(pattern: string, budget: Budget): readonly Machine[] {
  const { start, ahead, rest } = splitLookaheads(parse(pattern));
  return [
    searchMachine(rest, budget),
    ...ahead.map(({ negate, alternatives }) => {
      const machine = searchMachine(
        alternatives.map((one) => ({ ...one, elements: [...start, ...one.elements] })),
        budget,
      );
      return negate ? otherThan(machine) : machine;
    }),
  ];
}

function parse(pattern: string): Alternatives {
  try {
    const parser = JS.Parser.fromLiteral({ source: pattern, flags: 'u' });
    return parser.parse({ backreferences: 'throw', assertions: 'parse' }).expression.alternatives;
  } catch (error) {
    throw new RegexRefusal(error instanceof Error ? error.message : 'it is no regular expression');
  }
}

/** `^(?=...)(?!...)rest`: what is looked for ahead from the start is a pattern of its own. */
function splitLookaheads(alternatives: Alternatives) {
  const [only] = alternatives;
  const [first, ...others] = only?.elements ?? [];
  if (only === undefined || alternatives.length > 1 || first === undefined || !isStart(first))
    return { start: [], ahead: [], rest: alternatives };
  const ahead = [];
  for (const element of others) {
    if (element.type !== 'Assertion' || element.kind !== 'ahead') break;
    ahead.push(element);
  }
  const elements = [first, ...others.slice(ahead.length)];
  return { start: [first], ahead, rest: [{ ...only, elements }] };
}

function isStart(element: Alternatives[number]['elements'][number]): boolean {
  if (element.type !== 'Assertion' || element.kind !== 'behind' || !element.negate) return false;
  const [only, ...more] = element.alternatives;
  const [set] = only?.elements ?? [];
  return more.length === 0 && set?.type === 'CharacterClass' && set.characters.isAll;
}
