import { describe, expect, it } from 'vitest';
import { Conversation } from '../../../src/cli/chat/conversation.ts';

describe('Conversation', () => {
  it('asks with everything that was said before', () => {
    const conversation = new Conversation('m');
    conversation.add('one?', 'one.');
    expect(conversation.request('two?')).toEqual({
      model: 'm',
      messages: [
        { role: 'user', content: 'one?' },
        { role: 'assistant', content: 'one.' },
        { role: 'user', content: 'two?' },
      ],
    });
  });

  it('sends what was set, and nothing else', () => {
    const conversation = new Conversation('m');
    conversation.system = 'Be brief.';
    conversation.think = false;
    conversation.keepAlive = -1;
    conversation.parameters.set('temperature', 0.2);
    expect(conversation.request('hi')).toEqual({
      model: 'm',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hi' },
      ],
      think: false,
      keep_alive: -1,
      options: { temperature: 0.2 },
    });
  });

  it('forgets what was said, and not how it is asked', () => {
    const conversation = new Conversation('m');
    conversation.system = 'Be brief.';
    conversation.add('one?', 'one.');
    conversation.forget();
    expect(conversation.request('two?').messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'two?' },
    ]);
  });
});
