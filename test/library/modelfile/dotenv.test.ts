import { describe, expect, it } from 'vitest';
import { parseDotenv } from '../../../src/library/modelfile/dotenv.ts';

describe("a Modelfile's KEY=value line", () => {
  it.each([
    ['SYSTEM=plain', 'plain'],
    ['SYSTEM = spaced out ', 'spaced out'],
    ['export SYSTEM=x', 'x'],
    ['SYSTEM=', ''],
    ['SYSTEM=You know C# well', 'You know C# well'],
    ['SYSTEM=text # comment', 'text'],
    ['SYSTEM="quoted # not a comment" # comment', 'quoted # not a comment'],
    ['SYSTEM="say \\"hi\\"\\nand \\\\ go"', 'say "hi"\nand \\ go'],
    ["SYSTEM='single \\n stays \\' quoted'", "single \\n stays ' quoted"],
    ['SYSTEM="two\nlines"', 'two\nlines'],
    ['SYSTEM=windows\r', 'windows'],
    [`SYSTEM=\${HOME}`, `\${HOME}`],
    ['SYSTEM=<|im_start|>=x', '<|im_start|>=x'],
    ['SYSTEM="unterminated', '"unterminated'],
  ])('%j has the value %j', (line, value) => {
    expect(parseDotenv(`# first\n${line}\nTOP_K=1\n`)).toEqual([
      { key: 'SYSTEM', value },
      { key: 'TOP_K', value: '1' },
    ]);
  });

  it('is skipped when it has another form', () => {
    expect(parseDotenv('garbage\n=x\n1A=2\n# B=3\nC=4')).toEqual([{ key: 'C', value: '4' }]);
  });
});
