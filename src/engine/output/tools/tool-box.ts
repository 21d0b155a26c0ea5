import type { Tool } from '../../types.ts';

/** The tools of one request, found by what models write for their names. */
export class ToolBox {
  readonly #byName = new Map<string, Tool>();
  /** By the name without case and separators; null where two tools share it. */
  readonly #byLetters = new Map<string, Tool | null>();
  readonly #names: readonly string[];

  constructor(tools: readonly Tool[]) {
    for (const tool of tools) {
      this.#byName.set(tool.name, tool);
      const letters = lettersOf(tool.name);
      this.#byLetters.set(letters, this.#byLetters.has(letters) ? null : tool);
    }
    this.#names = [...this.#byName.keys()];
  }

  exact(name: string): Tool | null {
    return this.#byName.get(name) ?? null;
  }

  /** The one tool that is meant: `get_weather` for `functions.get_weather:0`, `GetWeather`, ... */
  find(written: string): Tool | null {
    for (const name of spellings(written.trim())) {
      const tool = this.#byName.get(name) ?? this.#byLetters.get(lettersOf(name));
      if (tool) return tool;
    }
    return null;
  }

  /** Whether a tool's name begins like this. */
  begins(text: string): boolean {
    return this.#names.some((name) => name.startsWith(text));
  }
}

/** The name as it stands, then without what models put around it. */
function* spellings(written: string): Generator<string> {
  if (written === '') return;
  yield written;
  // Kimi numbers its calls, Llama's built-in tools are called with `.call`.
  const bare = written.replace(/:\d+$/, '').replace(/\.call$/, '');
  yield bare;
  const [namespace, ...rest] = bare.split(/[.:/]/);
  if (namespace !== undefined && rest.length > 0) {
    yield bare.slice(namespace.length + 1);
    yield rest.at(-1) ?? '';
  }
}

function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}
