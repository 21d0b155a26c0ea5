import type { ChatState } from './slash-commands.ts';
import { parameterOf, thinkOf } from './values.ts';

interface ChatSetting {
  usage: string;
  summary: string;
  /** Returns what to tell; undefined where the value is none. */
  set(state: ChatState, value: string): string | undefined;
  unset(state: ChatState, value: string): string;
}

const settings: Record<string, ChatSetting> = {
  system: {
    usage: 'system TEXT',
    summary: 'the system message',
    set: ({ conversation }, value) => {
      if (value === '') return undefined;
      conversation.system = value;
      return 'The system message is set.';
    },
    unset: ({ conversation }) => {
      conversation.system = undefined;
      return "The model's own system message is used.";
    },
  },
  verbose: {
    usage: 'verbose',
    summary: 'tell tokens and speed after each answer',
    set: (state) => {
      state.isVerbose = true;
      return 'Tokens and speed are told after each answer.';
    },
    unset: (state) => {
      state.isVerbose = false;
      return 'Tokens and speed are not told.';
    },
  },
  stream: {
    usage: 'stream',
    summary: 'show answers as they come (so it is)',
    set: (state) => {
      state.isStreamed = true;
      return 'Answers are shown as they come.';
    },
    unset: (state) => {
      state.isStreamed = false;
      return 'Answers are shown when they are whole.';
    },
  },
  think: {
    usage: 'think [LEVEL]',
    summary: 'think first; low, medium or high where the model knows levels',
    set: ({ conversation }, value) => {
      conversation.think = thinkOf(value === '' || value);
      return 'The model thinks first.';
    },
    unset: ({ conversation }) => {
      conversation.think = false;
      return 'The model does not think.';
    },
  },
  format: {
    usage: 'format json',
    summary: 'answers are valid JSON',
    set: ({ conversation }, value) => {
      if (value !== 'json') return undefined;
      conversation.format = value;
      return 'Answers are JSON.';
    },
    unset: ({ conversation }) => {
      conversation.format = undefined;
      return 'Answers are free text.';
    },
  },
  parameter: {
    usage: 'parameter NAME VALUE',
    summary: 'temperature 0.2, num_ctx 8192, num_predict 100 and so on',
    set: ({ conversation }, value) => {
      const [name = '', ...words] = value.split(/\s+/);
      if (name === '' || words.length === 0) return undefined;
      conversation.parameters.set(name, parameterOf(name, words.join(' ')));
      return `${name} is ${words.join(' ')}.`;
    },
    unset: ({ conversation }, name) => {
      if (!conversation.parameters.delete(name)) return `${name || 'That'} was not set.`;
      return `${name} is the model's own.`;
    },
  },
};

export const settingNames: readonly string[] = Object.keys(settings);

/** For the help of a chat. */
export const setUsage = Object.values(settings)
  .map(({ usage, summary }) => `    /set ${usage.padEnd(24)}${summary}`)
  .join('\n');

/** `/set NAME VALUE`; returns what to tell. Throws `CliError` for a value that is none. */
export function setValue(state: ChatState, words: string): string {
  const [setting, value] = settingIn(words);
  if (!setting) return noSetting(words);
  return setting.set(state, value) ?? `Expected: /set ${setting.usage}`;
}

/** `/unset NAME`; returns what to tell. */
export function unsetValue(state: ChatState, words: string): string {
  const [setting, value] = settingIn(words);
  return setting ? setting.unset(state, value) : noSetting(words);
}

function noSetting(words: string): string {
  const name = words.split(/\s+/)[0];
  return `${name ? `There is no setting ${name}. ` : ''}Settings:\n${setUsage}`;
}

function settingIn(words: string): [ChatSetting | undefined, string] {
  const name = words.split(/\s+/)[0] ?? '';
  const setting = Object.hasOwn(settings, name) ? settings[name] : undefined;
  return [setting, words.slice(name.length).trim()];
}
