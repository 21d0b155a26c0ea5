import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createContext } from '../../src/cli/create-context.ts';
import { commandTree } from '../../src/cli/tree.ts';

const { stdin, stdout, stderr } = process;
const context = createContext({
  streams: { stdin, stdout, stderr },
  environment: {},
  daemonScript: '',
});
const whole = await commandTree(context);

function below(command: Command): Command[] {
  return [command, ...command.commands.flatMap(below)];
}

const all = whole.commands.flatMap(below);
const leaves = all.filter(({ commands }) => commands.length === 0);
const has = (command: Command, long: string) => command.options.some((each) => each.long === long);

describe('the command tree', () => {
  it('gives every command a description, and every argument and option', () => {
    for (const command of all) {
      const { options, registeredArguments } = command;
      const texts = [command, ...registeredArguments].map((each) =>
        typeof each.description === 'function' ? each.description() : each.description,
      );
      for (const text of [...texts, ...options.map(({ description }) => description)]) {
        expect(text, command.name()).not.toBe('');
      }
    }
  });

  it('calls a command by the name that its own file gives it', async () => {
    const { entries } = await import('../../src/cli/entries.ts');
    for (const entry of entries) expect((await entry.load(context)).name()).toBe(entry.name);
  });

  it('has no name twice', () => {
    const names = whole.commands.flatMap((command) => [command.name(), ...command.aliases()]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has --json wherever something is told', () => {
    const without = leaves.filter((command) => !has(command, '--json')).map((each) => each.name());
    expect(without).toEqual(['serve', 'logs', 'completion']);
  });

  it('has no option twice in one command', () => {
    for (const command of all) {
      const flags = command.options.flatMap(({ long, short }) => [long, short].filter(Boolean));
      expect(new Set(flags).size, command.name()).toBe(flags.length);
    }
  });

  it('loads only what is named', async () => {
    const partial = await commandTree(context, ['run']);
    const find = (name: string) => partial.commands.find((command) => command.name() === name);
    expect(find('run')?.options.length).toBeGreaterThan(5);
    expect(find('bench')?.registeredArguments).toEqual([]);
    expect(partial.helpInformation()).toBe(whole.helpInformation());
  });
});
