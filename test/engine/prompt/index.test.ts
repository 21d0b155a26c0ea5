import { describe, expect, it } from 'vitest';
import { assertWritable } from '../../../src/engine/prompt/index.ts';
import { assistant, user } from './conversations.ts';

describe('assertWritable', () => {
  it('refuses a NUL, which would cut the prompt off, and says where it is', () => {
    expect(() => assertWritable([user('Hi'), user('ab\0cd')])).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        message: expect.stringMatching(/Message 2 .*NUL.* position 2/),
      }),
    );
  });

  it('lets every other text through', () => {
    const content = 'Grüße 👍🏽\n\t\u0001 {{ x }} <|im_end|>';
    expect(() => assertWritable([user(content), assistant(content)])).not.toThrow();
  });
});
