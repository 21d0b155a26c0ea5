import { describe, expect, it } from 'vitest';
import {
  type Derivation,
  modelfileText,
} from '../../../../src/http/dialects/ollama/modelfile-text.ts';
import { parseModelfile } from '../../../../src/library/index.ts';

const nothing: Derivation = {
  from: 'base.rkllm',
  system: undefined,
  template: undefined,
  license: [],
  parameters: [],
  messages: [],
};

describe('the Modelfile of a created model', () => {
  it.each(['plain', 'a "b"\n\\n\r\n', '"""', "it's # no comment $HOME", '\\', ' x '])(
    'carries %j unchanged',
    (text) => {
      const messages = [{ role: 'user', content: text }];
      const parameters = [['stop', text]] as const;
      const file = { ...nothing, system: text, template: text, messages, parameters };
      expect(parseModelfile(modelfileText(file))).toEqual({
        settings: { from: 'base.rkllm', system: text, template: text, messages, stop: [text] },
        warnings: [],
      });
    },
  );

  it('takes no parameter that is none', () => {
    const parameters = [['from', 'elsewhere']] as const;
    expect(() => modelfileText({ ...nothing, parameters })).toThrow("unknown parameter 'from'");
  });
});
