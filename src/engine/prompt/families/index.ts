/** Which family a model belongs to. */
import { chatml, internlm2, minicpm3, qwen2, qwen3 } from './chatml.ts';
import type { Family } from './family.ts';
import { llama3, llama31, mistral } from './llama.ts';
import {
  chatglm3,
  deepseek,
  gemma,
  glm4,
  minicpm,
  phi3,
  phi4,
  phi4Mini,
  zephyr,
} from './others.ts';

export type { Family } from './family.ts';

/** In the order of asking: a distill is named after what it was distilled from as well. */
export const families: readonly Family[] = [
  deepseek,
  qwen3,
  qwen2,
  zephyr,
  llama31,
  llama3,
  gemma,
  phi4Mini,
  phi4,
  phi3,
  internlm2,
  minicpm3,
  minicpm,
  glm4,
  chatglm3,
  mistral,
  chatml,
];

export interface FamilyHints {
  name: string;
  /** `general.architecture` of the file. */
  architecture: string | null;
  /** A template, or the beginning of one: it outweighs a name that says something else. */
  template?: string | null;
}

/** The family that the hints tell; ChatML, which most converted models speak, when none does. */
export function familyOf({ name, architecture, template }: FamilyHints): Family {
  const fits = ({ marker }: Family) => !template || isConsistent(template, marker);
  return (
    families.find((family) => family.names.test(name) && fits(family)) ??
    families.find((each) => each.architectures.includes(architecture ?? '') && fits(each)) ??
    families.find(({ marker }) => template?.includes(marker)) ??
    chatml
  );
}

/** @throws for a name that no family has */
export function familyNamed(name: string): Family {
  const family = families.find((each) => each.name === name);
  if (!family) throw new Error(`no family is called ${name}`);
  return family;
}

/** A template may build its markers out of pieces: only another family's marker speaks against one. */
function isConsistent(template: string, marker: string): boolean {
  if (template.includes(marker) || template.includes(marker.trimEnd())) return true;
  return !families.some((other) => template.includes(other.marker));
}
