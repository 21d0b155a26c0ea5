import { describe, expect, it } from 'vitest';
import { inherit } from '../../../src/library/modelfile/inherit.ts';
import { parseModelfile } from '../../../src/library/modelfile/parse.ts';

describe('a Modelfile', () => {
  it("takes every key of RKLLama's", () => {
    const { settings, warnings } = parseModelfile(`
FROM=model.rkllm
HUGGINGFACE_PATH=Qwen/Qwen2.5-3B-Instruct
SYSTEM="You are helpful"
TEMPERATURE=0.5
ENABLE_THINKING=False
NUM_CTX=4096
MAX_NEW_TOKENS=1024
TOP_K=7
TOP_P=.5
REPEAT_PENALTY=1.1
FREQUENCY_PENALTY=-0.5
PRESENCE_PENALTY=0
MIROSTAT=0
MIROSTAT_TAU=3
MIROSTAT_ETA=0.1
SYSTEM_PROMPT=<s>
PROMPT_PREFIX=<u>
PROMPT_POSTFIX=<a>
IMAGE_WIDTH=392
IMAGE_HEIGHT=392
N_IMAGE_TOKENS=196
IMG_START=<|vision_start|>
IMG_END=<|vision_end|>
IMG_CONTENT=<|image_pad|>
TOKENIZER=/models/tokenizer
TEMPLATE={{ messages }}
LICENSE=MIT
`);
    expect(warnings).toEqual([]);
    expect(settings).toEqual({
      from: 'model.rkllm',
      huggingFacePath: 'Qwen/Qwen2.5-3B-Instruct',
      system: 'You are helpful',
      enableThinking: false,
      numCtx: 4096,
      maxNewTokens: 1024,
      sampling: {
        temperature: 0.5,
        topK: 7,
        topP: 0.5,
        repeatPenalty: 1.1,
        frequencyPenalty: -0.5,
        presencePenalty: 0,
        mirostat: 0,
        mirostatTau: 3,
        mirostatEta: 0.1,
      },
      frame: { system: '<s>', prefix: '<u>', postfix: '<a>' },
      vision: {
        imageWidth: 392,
        imageHeight: 392,
        imageTokens: 196,
        imageStart: '<|vision_start|>',
        imageEnd: '<|vision_end|>',
        imageContent: '<|image_pad|>',
      },
      tokenizer: '/models/tokenizer',
      template: '{{ messages }}',
      license: ['MIT'],
    });
  });

  it("takes Ollama's instructions into the same settings", () => {
    const { settings, warnings } = parseModelfile(`# a comment
FROM qwen2.5:3b
PARAMETER temperature 0.7
PARAMETER num_predict -1
PARAMETER num_ctx 8192
PARAMETER num_keep 4
PARAMETER stop "<|im_end|>"
PARAMETER stop User:
SYSTEM """
You are Mario.
"""
MESSAGE user Hello
MESSAGE assistant Hi, it's-a me
ADAPTER ./lora.rkllm
LICENSE one
LICENSE two
REQUIRES 0.14.0
`);
    expect(warnings).toEqual([]);
    expect(settings).toEqual({
      from: 'qwen2.5:3b',
      sampling: { temperature: 0.7 },
      maxNewTokens: -1,
      numCtx: 8192,
      numKeep: 4,
      stop: ['<|im_end|>', 'User:'],
      system: '\nYou are Mario.\n',
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: "Hi, it's-a me" },
      ],
      adapters: ['./lora.rkllm'],
      license: ['one', 'two'],
    });
  });

  it.each([
    ['TEMPERATURE=hot', 'TEMPERATURE is left out: is not a number'],
    ['TOP_K=', 'TOP_K is left out: is not a whole number'],
    ['NUM_CTX=0', 'NUM_CTX is left out: Too small: expected number to be >=1'],
    ['ENABLE_THINKING=maybe', /^ENABLE_THINKING is left out/],
    ['PROMPT_FORMAT=magic', /^PROMPT_FORMAT is left out/],
    ['COLOUR=blue', 'COLOUR is no key of a Modelfile'],
    ['TOP_P=2', /^TOP_P is left out/],
  ])('leaves out %s with a warning and keeps the rest', (line, warning) => {
    const { settings, warnings } = parseModelfile(`FROM=a.rkllm\nTOP_K=3\n${line}`);
    expect(warnings).toEqual([expect.stringMatching(warning)]);
    expect(settings.from).toBe('a.rkllm');
  });

  it.each([
    'TOP_K=99999999999',
    'PARAMETER top_k 2147483648',
    'TOP_K=-1',
    'MIROSTAT=4294967296',
    'TEMPERATURE=1e39',
    'PARAMETER repeat_penalty 1e400',
    'FREQUENCY_PENALTY=-1e300',
    'NUM_CTX=99999999999',
    'PARAMETER num_predict -2147483649',
    'SEED=99999999999',
  ])('leaves out a number that the runtime has no room for, with a warning: %s', (line) => {
    const { settings, warnings } = parseModelfile(`${line}\n`);
    expect(Object.values(settings).filter((value) => typeof value === 'number')).toEqual([]);
    expect(settings.sampling ?? {}).toEqual({});
    expect(warnings).toEqual([expect.stringMatching(/ is left out: /)]);
  });

  it('says when texts around the prompt are not all there', () => {
    const { settings, warnings } = parseModelfile('PROMPT_PREFIX=<u>\nPROMPT_POSTFIX=<a>\n');
    expect(settings.template).toBeUndefined();
    expect(warnings).toEqual([
      'SYSTEM_PROMPT, PROMPT_PREFIX and PROMPT_POSTFIX have an effect only together',
    ]);
  });

  it('calls a parameter of Ollama that there is not by that name', () => {
    const { warnings } = parseModelfile('FROM a\nPARAMETER colour blue\nCOLOUR blue');
    expect(warnings).toEqual([
      'colour is no parameter of a Modelfile',
      'colour is no key of a Modelfile',
    ]);
  });

  it('leaves out messages of unknown roles', () => {
    const { settings, warnings } = parseModelfile('FROM a\nMESSAGE wizard abracadabra');
    expect(settings).toEqual({ from: 'a' });
    expect(warnings).toEqual([expect.stringMatching(/^MESSAGE is left out/)]);
  });

  it('takes the last of several values, and several stop strings from a list', () => {
    const { settings } = parseModelfile('TOP_K=1\nTOP_K=2\nSTOP=["a","b"]\nSTOP=c');
    expect(settings).toEqual({ sampling: { topK: 2 }, stop: ['a', 'b', 'c'] });
  });

  it('never touches the environment and never reads from it', () => {
    const before = { ...process.env };
    const { settings } = parseModelfile(`FROM=a\nHOME=/elsewhere\nSYSTEM=\${PATH}\nTOP_K=9`);
    expect(process.env).toEqual(before);
    expect(settings.system).toBe(`\${PATH}`);
  });

  it.each(['', '\n\n# nothing\n', '\0\u0001binary', '='.repeat(10_000)])(
    'gives no settings for %j',
    (source) => {
      expect(parseModelfile(source).settings).toEqual({});
    },
  );

  it('cannot reach the prototype of anything', () => {
    const { settings } = parseModelfile('__PROTO__=x\nCONSTRUCTOR=y\nFROM=a');
    expect(settings).toEqual({ from: 'a' });
  });
});

describe('a derived model', () => {
  it('has its own settings on top of those of its base', () => {
    const base = parseModelfile(
      'FROM=b.rkllm\nSYSTEM=base\nTOP_K=1\nTOP_P=0.5\nSTOP=x\nLICENSE=MIT',
    ).settings;
    const own = parseModelfile('FROM b\nSYSTEM own\nPARAMETER top_k 9\nLICENSE mine').settings;
    expect(inherit(base, own)).toEqual({
      from: 'b',
      system: 'own',
      sampling: { topK: 9, topP: 0.5 },
      stop: ['x'],
      license: ['MIT', 'mine'],
    });
  });
});
