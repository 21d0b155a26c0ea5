/** How a call that is written for sure stands in the text of a model. */
export interface CallFrame {
  readonly open: string;
  readonly close: string;
  /** The key that its arguments have. */
  readonly argumentsKey: 'arguments' | 'parameters';
}

/** Qwen 2.5 and 3, Hermes, SmolLM. */
export const tagged: CallFrame = {
  open: '<tool_call>\n',
  close: '\n</tool_call>',
  argumentsKey: 'arguments',
};

const bare: CallFrame = { open: '', close: '', argumentsKey: 'arguments' };

/** Where a family's own notation is JSON between tags of text, that one; else bare JSON. */
export function callFrameOf(family: string): CallFrame {
  if (/qwen|chatml|hermes|smollm/i.test(family)) return tagged;
  return /llama/i.test(family) ? { ...bare, argumentsKey: 'parameters' } : bare;
}
