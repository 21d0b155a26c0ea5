import { isAbsolute } from 'node:path';

/** The LoRA file that a model's answers are made with. */
export type ChosenAdapter =
  | { readonly path: string | null; readonly problem: null }
  | { readonly path: null; readonly problem: string };

/**
 * The one of `loras` (absolute paths) that the Modelfile's ADAPTER lines name, by path, file name or
 * name without `.rkllm`. A run of librkllmrt takes one adapter.
 */
export function chosenAdapter(
  named: readonly string[] | undefined,
  loras: readonly string[],
): ChosenAdapter {
  const [name, ...more] = named ?? [];
  if (name === undefined) return { path: null, problem: null };
  if (more.length > 0) {
    const names = [name, ...more].join(', ');
    return {
      path: null,
      problem: `It names ${more.length + 1} adapters (${names}); one can be used at a time.`,
    };
  }
  const path = loras.find((lora) => means(name, lora));
  if (path !== undefined) return { path, problem: null };
  const there =
    loras.length === 0 ? 'there is no LoRA file' : `the LoRA files are ${loras.join(', ')}`;
  return { path: null, problem: `It says ADAPTER ${name}, and in its folder ${there}.` };
}

function means(name: string, lora: string): boolean {
  return [name, `${name}.rkllm`].some((file) =>
    isAbsolute(file) ? file === lora : lora.endsWith(`/${file.replace(/^\.\//, '')}`),
  );
}
