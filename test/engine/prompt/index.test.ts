import { describe, expect, it } from 'vitest';
import { assertPrintable } from '../../../src/engine/prompt/index.ts';
import { assistant, user } from './conversations.ts';

describe('assertPrintable', () => {
  it('refuses a NUL, which would cut the prompt off, and says where it is', () => {
    expect(() => assertPrintable([user('Hi'), user('ab\0cd')])).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        message: expect.stringMatching(/Message 2 .*NUL.* position 2/),
      }),
    );
  });

  it('lets every other text through', () => {
    const content = 'Grüße 👍🏽\n\t\u0001 {{ x }} <|im_end|>';
    expect(() => assertPrintable([user(content), assistant(content)])).not.toThrow();
  });
});
