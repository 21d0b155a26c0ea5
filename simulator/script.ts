/** Scripted answers inside a model file: what a test wants to hear, token by token. */

export type ScriptRule =
  | {
      /** A substring of the rendered prompt; '' matches every prompt. The first rule that matches wins. */
      when: string;
      /** One element per generated token; bytes are delivered as they are, complete characters or not. */
      tokens: readonly (string | Uint8Array)[];
      /** How often the whole list is generated; default once. */
      repeat?: number;
      /** `eos` (default) ends with the end-of-sequence token; `length-only` starts over until a limit ends it. */
      finish?: 'eos' | 'length-only';
    }
  | {
      when: string;
      /** Generates the user's last message back, token by token. */
      echo: true;
    };

const TOKENS = 0;
const ECHO = 1;

function u32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
}

function counted(text: string | Uint8Array): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([u32(bytes.length), bytes]);
}

function encodeRule(rule: ScriptRule): Buffer {
  if ('echo' in rule)
    return Buffer.concat([Buffer.from([ECHO, 0]), counted(rule.when), u32(1), u32(0)]);
  const repeat = rule.repeat ?? 1;
  if (!Number.isInteger(repeat) || repeat < 1)
    throw new RangeError(`repeat must be a whole number from 1 on, got ${repeat}`);
  if (rule.tokens.some((token) => token.length === 0))
    throw new RangeError(`the script for "${rule.when}" has an empty token`);
  return Buffer.concat([
    Buffer.from([TOKENS, rule.finish === 'length-only' ? 1 : 0]),
    counted(rule.when),
    u32(repeat),
    u32(rule.tokens.length),
    ...rule.tokens.map(counted),
  ]);
}

/** The form in which a model file carries the script (`sim.script`). */
export function encodeScript(rules: readonly ScriptRule[]): Uint8Array {
  return Buffer.concat([u32(rules.length), ...rules.map(encodeRule)]);
}
