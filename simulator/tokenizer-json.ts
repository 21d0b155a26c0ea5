/** The tokenizer of a model file as Hugging Face files, for clients that tokenise by themselves. */

import { chatTemplateOf, type ModelFileSpec, vocabularyOf } from './model-file.ts';
import { FIRST_MERGE_ID, PIECE_PATTERN, SPECIAL_TOKENS } from './vocabulary.ts';

/** The legible character that byte-level tokenizers write for each byte. */
function byteCharacters(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const legible =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCodePoint(legible ? byte : next++);
  });
}

/** `tokenizer.json`: byte-level BPE with the ids of the model file. */
export function tokenizerJson(spec: ModelFileSpec): string {
  const { merges, tokens } = vocabularyOf(spec);
  const characters = byteCharacters();
  const written = tokens.map((bytes) => [...bytes].map((byte) => characters[byte] ?? '').join(''));
  const vocab: Record<string, number> = {};
  written.forEach((token, id) => {
    if (id < 256 || id >= FIRST_MERGE_ID) vocab[token] = id;
  });
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL_TOKENS.map(({ text, control }, i) => ({
      id: 256 + i,
      content: text,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: control,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: PIECE_PATTERN }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      vocab,
      merges: merges.map(([left, right]) => `${written[left] ?? ''} ${written[right] ?? ''}`),
    },
  });
}

/** Jinja that renders a whole conversation as the ChatML-like three strings of the file would. */
function jinja(spec: ModelFileSpec): string {
  const template = chatTemplateOf(spec);
  if (!template) return "{% for message in messages %}{{ message['content'] }}{% endfor %}";
  return (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}" +
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}" +
    (spec.thinking
      ? "{% if enable_thinking is defined and enable_thinking is false %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}"
      : '') +
    '{% endif %}'
  );
}

/** `tokenizer_config.json` with a ChatML template. */
export function tokenizerConfigJson(spec: ModelFileSpec): string {
  return JSON.stringify({
    tokenizer_class: 'PreTrainedTokenizerFast',
    model_max_length: spec.maxContext ?? 4096,
    bos_token: null,
    eos_token: '<|im_end|>',
    pad_token: '<|endoftext|>',
    clean_up_tokenization_spaces: false,
    added_tokens_decoder: Object.fromEntries(
      SPECIAL_TOKENS.map(({ text, control }, i) => [
        String(256 + i),
        { content: text, special: control },
      ]),
    ),
    chat_template: jinja(spec),
  });
}
